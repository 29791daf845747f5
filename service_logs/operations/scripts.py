"""Scripts: written as drafts, put in force by a second person of compliance or the direction, retired."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from office.audit import record
from office.errors import Conflict
from office.models import Branch, Employee
from service_logs.errors import BadSetting, ForbiddenWords, OwnDraft
from service_logs.models import Script
from service_logs.queries.scripts import in_force
from service_logs.rules.words import SCRIPT_FORBIDDEN, forbidden_words

WRITTEN = ("title", "text", "questions", "avoid")


@dataclass(frozen=True)
class Words:
    """What a person wrote; `questions` and `avoid` hold one a line."""

    title: str
    text: str
    questions: str = ""
    avoid: str = ""


@transaction.atomic
def write_script(key: str, words: Words, *, by: Employee, revision: int = 0) -> Script:
    """Save a draft of the branch for a key that exists; what is in force stays until the draft is approved.

    `revision` is that of the draft on the screen, 0 if there was none. Raises Conflict if somebody
    wrote meanwhile, ForbiddenWords.
    """
    branch = _home(by)
    _check(words)
    known = list(_rows(key, branch))
    if not known:
        raise BadSetting("没有这个场景")
    draft = next((row for row in known if row.state == Script.State.DRAFT), None)
    if (draft.revision if draft else 0) != revision:
        raise Conflict("这份话术刚被他人修改，您的内容尚未保存")
    if draft is None:
        model = known[0]
        draft = Script(branch=branch, key=key, scene=model.scene, stage=model.stage, revision=0)
        draft.version = _next(_rows(key, branch))
    for name in WRITTEN:
        setattr(draft, name, getattr(words, name))
    draft.author, draft.revision = by, draft.revision + 1
    draft.save()
    record("service_logs.script_written", draft, by=by, after={"version": draft.version, "title": draft.title})
    return draft


@transaction.atomic
def approve_script(draft: Script, *, revision: int, by: Employee) -> Script:
    """Put a draft in force, in the place of the branch's present version.

    Raises OwnDraft for whoever wrote it, Conflict if it is no longer the draft that was read, ForbiddenWords
    by the list of today.
    """
    branch = _home(by)
    if draft.author_id == by.pk:
        raise OwnDraft("编写人不能审核自己的话术")
    _check(Words(draft.title, draft.text, draft.questions, draft.avoid))
    own = Script.objects.filter(branch=branch, key=draft.key)
    own.filter(state=Script.State.APPROVED).update(state=Script.State.RETIRED)
    others = _rows(draft.key, branch).exclude(pk=draft.pk)  # a version retired meanwhile may have the higher number
    waiting = own.filter(pk=draft.pk, state=Script.State.DRAFT, revision=revision).exclude(author=by)
    changes = {"approved_by": by, "approved_at": timezone.now(), "version": max(draft.version, _next(others))}
    if waiting.update(state=Script.State.APPROVED, **changes) != 1:
        raise Conflict("这份话术刚被修改或已审核，请重新查看")
    draft.refresh_from_db()
    record("service_logs.script_approved", draft, by=by, after={"version": draft.version})
    return draft


@transaction.atomic
def retire_script(script: Script, *, reason: str, by: Employee) -> Script:
    """Take the version in force out of use at the branch; the house's stays as it is for others.

    Raises Conflict if `script` is not what is in force.
    """
    branch = _home(by)
    rows = _rows(script.key, branch)
    held = in_force(rows)
    if held is None or held.pk != script.pk:
        raise Conflict("这一版已不在用，请重新查看")
    if held.branch_id is None:  # a row of the branch's own says that it does without
        held = Script(
            branch=branch, key=held.key, scene=held.scene, stage=held.stage, title=held.title, text=held.text,
            questions=held.questions, avoid=held.avoid, version=_next(rows),
        )  # fmt: skip
    held.state = Script.State.RETIRED
    held.save()
    record("service_logs.script_retired", held, by=by, after={"version": held.version}, reason=reason)
    return held


def _rows(key: str, branch: Branch) -> QuerySet[Script]:
    return Script.objects.filter(Q(branch=None) | Q(branch=branch), key=key)


def _next(rows: QuerySet[Script]) -> int:
    return int(rows.aggregate(latest=Max("version"))["latest"] or 0) + 1


def _check(words: Words) -> None:
    used = forbidden_words("；".join(getattr(words, name) for name in WRITTEN), SCRIPT_FORBIDDEN)
    if used:
        raise ForbiddenWords(f"话术中有不得使用的用语：{'、'.join(used)}。请改写后再保存", words=used)


def _home(by: Employee) -> Branch:
    """Return the branch of `by`, its scripts held for this one transaction: two people write one after the other."""
    if by.branch_id is None:
        raise BadSetting("没有所属营业部")
    return Branch.objects.select_for_update(no_key=True).get(pk=by.branch_id)
