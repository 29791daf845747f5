"""Questionnaires: written as drafts, put in force, followed by new versions; and what clients answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from clients.errors import BadAnswers, FlawedQuestionnaire, NotADraft, NotInForce
from clients.house_questionnaires import HOUSE
from clients.models import AnswerSheet, Client, Question, Questionnaire
from clients.questionnaires import Answers, Ask, clean, flaws, mistakes, score, topic_scores
from office.audit import record
from office.errors import Conflict, DomainError
from office.models import Branch, Employee

DRAFT, ACTIVE, RETIRED = Questionnaire.State.DRAFT, Questionnaire.State.ACTIVE, Questionnaire.State.RETIRED


@dataclass(frozen=True)
class Words:
    """What stands around the questions."""

    title: str
    purpose: str
    opening: str
    thanks: str


@transaction.atomic
def start_questionnaire(code: str, words: Words, *, by: Employee) -> Questionnaire:
    """Begin a questionnaire of the branch under a new code, as a draft without questions."""
    branch = _home(by)
    if _rows(code, branch).exists():
        raise DomainError("这个编号已有问卷，请在它的页面写新的一版")
    made = Questionnaire(branch=branch, code=code, author=by, **vars(words))
    made.save()
    record("clients.questionnaire_written", made, by=by, after={"version": made.version})
    return made


@transaction.atomic
def new_version(questionnaire: Questionnaire, *, by: Employee) -> Questionnaire:
    """Begin the branch's next version as a copy of this one; return the draft there already is, if any."""
    branch = _home(by)
    waiting = _rows(questionnaire.code, branch).filter(state=DRAFT).first()
    if waiting is not None:
        return waiting
    made = Questionnaire(
        branch=branch, code=questionnaire.code, version=_next(questionnaire.code, branch), author=by,
        title=questionnaire.title, purpose=questionnaire.purpose, opening=questionnaire.opening,
        thanks=questionnaire.thanks,
    )  # fmt: skip
    made.save()
    _write_questions(made, [question.ask for question in questionnaire.questions.order_by("number")])
    record("clients.questionnaire_written", made, by=by, after={"version": made.version})
    return made


@transaction.atomic
def write_questionnaire(
    draft: Questionnaire, words: Words, asks: Sequence[Ask], *, revision: int, by: Employee
) -> Questionnaire:
    """Replace words and questions of a draft; they may still have flaws, which `activate_questionnaire` refuses.

    Raises NotADraft for a version in force, Conflict if somebody saved after `revision` was opened.
    """
    _check_draft(draft, by)
    waiting = Questionnaire.objects.filter(pk=draft.pk, state=DRAFT, revision=revision)
    if waiting.update(**vars(words), author=by, revision=revision + 1) != 1:
        raise Conflict("这份问卷刚被他人修改，您的内容尚未保存")
    draft.questions.all().delete()
    _write_questions(draft, asks)
    draft.refresh_from_db()
    record("clients.questionnaire_written", draft, by=by, after={"version": draft.version})
    return draft


@transaction.atomic
def activate_questionnaire(draft: Questionnaire, *, revision: int, by: Employee) -> Questionnaire:
    """Put a draft in force in the place of the branch's present version; from now on it never changes.

    Raises FlawedQuestionnaire with every flaw, NotADraft, Conflict if it is no longer what was read.
    """
    _check_draft(draft, by)
    found = flaws([question.ask for question in draft.questions.order_by("number")])
    if found:
        raise FlawedQuestionnaire("；".join(found))
    own = Questionnaire.objects.filter(branch=draft.branch, code=draft.code)
    own.filter(state=ACTIVE).update(state=RETIRED)
    waiting = own.filter(pk=draft.pk, state=DRAFT, revision=revision)
    if waiting.update(state=ACTIVE, activated_by=by, activated_at=timezone.now()) != 1:
        raise Conflict("这份问卷刚被修改或已启用，请重新查看")
    draft.refresh_from_db()
    record("clients.questionnaire_activated", draft, by=by, after={"version": draft.version})
    return draft


@transaction.atomic
def retire_questionnaire(questionnaire: Questionnaire, *, by: Employee) -> None:
    """Take the branch's version in force out of use; surveys that run with it go on."""
    if questionnaire.branch_id is None or questionnaire.branch_id != _home(by).pk:
        raise NotInForce("公司统一的问卷不能由营业部停用")
    if Questionnaire.objects.filter(pk=questionnaire.pk, state=ACTIVE).update(state=RETIRED) != 1:
        raise NotInForce("这一版已不在用，请重新查看")
    record("clients.questionnaire_retired", questionnaire, by=by, after={"version": questionnaire.version})


@transaction.atomic
def take_answers(
    questionnaire: Questionnaire,
    client: Client,
    answers: Answers,
    *,
    channel: str,
    at: datetime,
    by: Employee | None,
    about: Employee | None = None,
) -> AnswerSheet:
    """Keep what a client answered, scored; `by` asked him, None online. `about` is who served him: never `by`.

    The audit book is the caller's: it knows what the sheet was for. Raises NotInForce for a draft,
    BadAnswers with what is wrong by question in `extra["mistakes"]`.
    """
    if questionnaire.state == DRAFT:
        raise NotInForce("草稿不能用来调查")
    asks = [question.ask for question in questionnaire.questions.order_by("number")]
    wrong = mistakes(asks, answers)
    if wrong:
        raise BadAnswers(f"第 {'、'.join(map(str, wrong))} 题还没有答好", mistakes=wrong)
    kept = clean(asks, answers)
    return AnswerSheet.objects.create(
        branch=client.branch, client=client, questionnaire=questionnaire, about=about, answers=kept, channel=channel,
        score=score(asks, kept), topics=topic_scores(asks, kept), at=at, by=by,
    )  # fmt: skip


@transaction.atomic
def seed_questionnaires() -> int:
    """Put the house's questionnaires in force where they are missing; return how many were made."""
    made = 0
    for code, words, asks in HOUSE:
        if not Questionnaire.objects.filter(branch=None, code=code).exists():
            row = Questionnaire.objects.create(code=code, **words)
            _write_questions(row, asks)
            Questionnaire.objects.filter(pk=row.pk).update(state=ACTIVE, activated_at=timezone.now())
            made += 1
    return made


def _write_questions(questionnaire: Questionnaire, asks: Sequence[Ask]) -> None:
    Question.objects.bulk_create(
        Question(
            questionnaire=questionnaire, number=ask.number, kind=ask.kind, text=ask.text, required=ask.required,
            options=[vars(option) for option in ask.options], scale_max=ask.scale_max, asked_if=ask.asked_if,
            asked_codes=sorted(ask.asked_codes), topic=ask.topic, is_overall=ask.is_overall,
        )
        for ask in asks
    )  # fmt: skip


def _check_draft(draft: Questionnaire, by: Employee) -> None:
    home = _home(by)
    if draft.branch_id != home.pk or draft.state != DRAFT:
        raise NotADraft("在用的版本不能修改，请写新的一版")


def _rows(code: str, branch: Branch) -> QuerySet[Questionnaire]:
    return Questionnaire.objects.filter(Q(branch=None) | Q(branch=branch), code=code)


def _next(code: str, branch: Branch) -> int:
    return int(_rows(code, branch).aggregate(latest=Max("version"))["latest"] or 0) + 1


def _home(by: Employee) -> Branch:
    """Return the branch of `by`, held for this one transaction: two people write one after the other."""
    if by.branch_id is None:
        raise DomainError("没有所属营业部")
    return Branch.objects.select_for_update(no_key=True).get(pk=by.branch_id)
