"""What happens in a case: one talk that the client may decline, lawful offers, and its end.

Nothing here writes a request: its clock is the law's (tests/retention/test_cases_touch_no_clock.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from office.audit import record
from office.errors import DomainError
from office.models import Employee
from retention.errors import NoTarget, NotAtThisPoint, TalkedAlready, UnlawfulOffer
from retention.models import ClosureRequest, Offer, Reason, RetentionCase, Talk
from retention.queries.case_facts import may_own, suitability
from retention.queries.cases import setting_of
from retention.rules.offers import unlawful
from service_logs.rules.words import forbidden_words

State, Outcome = RetentionCase.State, RetentionCase.Outcome


def _advance(case: RetentionCase, version: int | None, **values: Any) -> None:
    """Move an open case on by one conditional update, so that of two people only one does it."""
    rows = RetentionCase.objects.filter(pk=case.pk, state=State.OPEN)
    if version is not None:
        rows = rows.filter(version=version)
    if rows.update(version=F("version") + 1, **values) != 1:
        case.refresh_from_db()
        raise NotAtThisPoint(f"个案 {case.case_no} 已有变化，现为「{case.get_state_display()}」，请刷新页面后再办理")
    case.refresh_from_db()


def _request_of(case: RetentionCase) -> ClosureRequest | None:
    """Return the request that a talk of the case is about: its own, or one the client made meanwhile."""
    if case.request_id is not None:
        return case.request
    owed = ClosureRequest.objects.owed().filter(client=case.client_id)
    return owed.order_by("-requested_at", "-pk").first()


def _talk(case: RetentionCase, **fields: Any) -> Talk:
    """Write the one talk there is. Raises TalkedAlready for a second one."""
    request = _request_of(case)
    try:
        with transaction.atomic():
            return Talk.objects.create(case=case, request=request, **fields)
    except IntegrityError as refused:
        held = Talk.objects.filter(request=request) if request else Talk.objects.filter(case=case, request=None)
        talk = held.first()
        if talk is None:
            raise
        said = "客户已表示不愿谈，不再打扰" if talk.is_declined else "每件申请只谈一次，已经谈过"
        raise TalkedAlready(said) from refused


@transaction.atomic
def record_talk(
    case: RetentionCase, *, minutes: int, summary: str, by: Employee, at: datetime | None = None, reason: str = "",
    version: int | None = None,
) -> Talk:  # fmt: skip
    """Note the talk with the client; there is one per request, short, and only if he wanted it.

    `reason` is what he gave as his reason, as far as he did. Raises TalkedAlready, and DomainError if it took longer
    than the branch allows.
    """
    longest, now = setting_of(case.branch_id).talk_minutes, timezone.now()
    if not 1 <= minutes <= longest:
        raise DomainError(f"谈话最长 {longest} 分钟；更长的谈话不再是挽留，请如实填写")
    if not summary.strip():
        raise DomainError("请写明谈话要点")
    if (at or now) > now:
        raise DomainError("谈话时间不能晚于现在")
    _check_reason(reason)
    _advance(case, version, **({"reason": reason} if reason else {}))
    talk = _talk(case, at=at or now, by=by, minutes=minutes, summary=summary.strip()[:600])
    record("retention.talk_recorded", case, by=by, after={"minutes": minutes})
    return talk


@transaction.atomic
def decline_talk(case: RetentionCase, *, by: Employee, version: int | None = None, now: datetime | None = None) -> None:
    """Note in one press that the client does not want to talk: nobody asks again, and the case is closed."""
    at = now or timezone.now()
    _talk(case, at=at, by=by, is_declined=True)
    _advance(case, version, state=State.CLOSED, outcome=Outcome.REFUSED_TALK, closed_at=at, closed_by=by)
    record("retention.talk_declined", case, by=by)


@transaction.atomic
def offer(
    case: RetentionCase, *, kind: str, text: str, by: Employee, product_risk: int | None = None,
    version: int | None = None, now: datetime | None = None,
) -> Offer:  # fmt: skip
    """Note what was offered. Raises UnlawfulOffer without known and valid suitability, beyond it, or in such words."""
    at, words, known = now or timezone.now(), text.strip()[:200], suitability(case.client)
    if kind not in Offer.Kind.values or not words:
        raise UnlawfulOffer("请写明方案的类别和内容")
    if refused := unlawful(kind, words, product_risk, known, timezone.localdate(at)):
        raise UnlawfulOffer(refused)
    assert known.valid_to is not None  # or it would be unlawful
    _advance(case, version)
    made = Offer.objects.create(
        case=case, kind=kind, text=words, product_risk=product_risk if kind == Offer.Kind.PRODUCT else None,
        client_risk=known.risk_level, risk_valid_to=known.valid_to, made_at=at, made_by=by,
    )  # fmt: skip
    record("retention.offer_made", case, by=by, after={"kind": kind})
    return made


@transaction.atomic
def answer_offer(made: Offer, answer: str, *, by: Employee) -> None:
    """Note what the client says to an offer, once."""
    if answer not in (Offer.Answer.TAKEN, Offer.Answer.DECLINED):
        raise DomainError("请选择接受或谢绝")
    waiting = Offer.objects.filter(pk=made.pk, answer=Offer.Answer.WAITING)
    if waiting.update(answer=answer) != 1:
        raise NotAtThisPoint("该方案已有答复，请刷新页面")
    made.refresh_from_db()
    record("retention.offer_answered", made.case, by=by, after={"answer": answer})


@transaction.atomic
def let_go(case: RetentionCase, *, by: Employee, version: int | None = None, now: datetime | None = None) -> None:
    """Let the client go in one press, with no question asked."""
    at = now or timezone.now()
    _advance(case, version, state=State.CLOSED, outcome=Outcome.LEFT, is_let_go=True, closed_at=at, closed_by=by)
    record("retention.let_go", case, by=by)


@transaction.atomic
def close_case(
    case: RetentionCase, *, outcome: str, by: Employee, reason: str = "", learning: str = "",
    version: int | None = None, now: datetime | None = None,
) -> None:  # fmt: skip
    """Note how it ended, the reason as far as known, and what was learnt.

    Raises DomainError for an unknown outcome or reason, or a forbidden word in what was learnt.
    """
    if outcome not in Outcome.values:
        raise DomainError("请选择结果")
    _check_reason(reason)
    learnt = _checked(learning)
    _advance(
        case, version, state=State.CLOSED, outcome=outcome, reason=reason or case.reason, learning=learnt,
        closed_at=now or timezone.now(), closed_by=by,
    )  # fmt: skip
    record("retention.case_closed", case, by=by, after={"outcome": outcome, "reason": case.reason})


@transaction.atomic
def note_learning(case: RetentionCase, *, learning: str, reason: str, version: int, by: Employee) -> None:
    """Write down afterwards what a closed case taught, and the reason as it came out."""
    _check_reason(reason)
    learnt = _checked(learning)
    rows = RetentionCase.objects.filter(pk=case.pk, state=State.CLOSED, version=version)
    if rows.update(version=F("version") + 1, learning=learnt, reason=reason or case.reason) != 1:
        raise NotAtThisPoint(f"个案 {case.case_no} 已有变化，请刷新页面后再办理")
    case.refresh_from_db()
    record("retention.case_learnt", case, by=by, reason=learnt[:200])


@transaction.atomic
def hand_over(case: RetentionCase, owner: Employee, *, by: Employee, version: int | None = None) -> None:
    """Give the case to somebody else. Raises NoTarget for posts outside marketing and for other branches."""
    if owner.branch_id != case.branch_id or not may_own(owner):
        raise NoTarget(f"{owner.name} 的岗位不承担挽留，只能告知和记录")
    before = case.owner.name
    _advance(case, version, owner=owner)
    record("retention.case_handed_over", case, by=by, before={"owner": before}, after={"owner": owner.name})


def _check_reason(reason: str) -> None:
    if reason and reason not in Reason.values:
        raise DomainError("原因不在清单内；客户可以不作说明")


def _checked(text: str) -> str:
    if used := forbidden_words(text):
        raise DomainError(f"不得使用：{'、'.join(used)}")
    return text.strip()[:400]
