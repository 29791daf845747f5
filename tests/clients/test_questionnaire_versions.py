"""A version in force never changes; the next one is written beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.test import Client as Browser

from clients.errors import BadAnswers, FlawedQuestionnaire, NotADraft, NotInForce
from clients.models import AnswerSheet, Questionnaire
from clients.operations.questionnaires import (
    Words,
    activate_questionnaire,
    new_version,
    retire_questionnaire,
    seed_questionnaires,
    start_questionnaire,
    take_answers,
    write_questionnaire,
)
from clients.questionnaires import SINGLE, Ask, Option
from office.errors import Conflict
from office.models import AuditEntry
from tests.complaints.asking import CONTENT, at, questionnaire
from tests.conftest import Cast

WORDS = Words("满意度", "satisfaction", "您好", "谢谢")
ASK = Ask(1, SINGLE, "满意吗", (Option("a", "是", 5.0), Option("b", "否", 1.0)), is_overall=True)


def in_force(cast: Cast) -> Questionnaire:
    made = start_questionnaire("own", WORDS, by=cast.zhao)
    write_questionnaire(made, WORDS, [ASK], revision=1, by=cast.zhao)
    return activate_questionnaire(made, revision=2, by=cast.zhao)


def test_a_draft_goes_into_force_and_the_old_version_out(cast: Cast) -> None:
    first = in_force(cast)
    second = new_version(first, by=cast.zhao)
    assert (second.version, [each.text for each in second.questions.all()]) == (2, ["满意吗"])
    activate_questionnaire(second, revision=1, by=cast.zhao)
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active")
    assert AuditEntry.objects.filter(action="clients.questionnaire_activated").count() == 2


def test_the_branch_writes_its_version_beside_that_of_the_house(cast: Cast) -> None:
    draft = new_version(questionnaire(), by=cast.zhao)
    assert (draft.branch_id, draft.version) == (cast.branch.pk, 2)
    assert new_version(questionnaire(), by=cast.zhao) == draft  # one draft at a time
    assert new_version(questionnaire(), by=cast.sun).branch_id == cast.other_branch.pk


def test_a_version_in_force_is_not_changed_by_any_way(cast: Cast) -> None:
    held = in_force(cast)
    with pytest.raises(NotADraft):
        write_questionnaire(held, WORDS, [ASK], revision=held.revision, by=cast.zhao)
    for change in (
        lambda: Questionnaire.objects.filter(pk=held.pk).update(title="别的"),
        lambda: Questionnaire.objects.filter(pk=held.pk).update(state="draft"),
        lambda: held.questions.update(text="别的"),
        lambda: held.questions.all().delete(),
        lambda: held.questions.create(number=2, kind="text", text="加一题"),
        lambda: Questionnaire.objects.filter(pk=held.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()
    assert held.questions.get().text == "满意吗"


def test_a_flawed_or_rewritten_draft_does_not_go_into_force(cast: Cast) -> None:
    draft = start_questionnaire("own", WORDS, by=cast.zhao)
    with pytest.raises(FlawedQuestionnaire, match="至少要有一道题"):
        activate_questionnaire(draft, revision=1, by=cast.zhao)
    write_questionnaire(draft, WORDS, [ASK], revision=1, by=cast.zhao)
    with pytest.raises(Conflict):
        activate_questionnaire(draft, revision=1, by=cast.zhao)
    with pytest.raises(Conflict):
        write_questionnaire(draft, WORDS, [ASK], revision=1, by=cast.zhao)


def test_the_houses_version_is_not_the_branchs_to_retire(cast: Cast) -> None:
    with pytest.raises(NotInForce):
        retire_questionnaire(questionnaire(), by=cast.zhao)
    held = in_force(cast)
    retire_questionnaire(held, by=cast.zhao)
    with pytest.raises(NotInForce):
        retire_questionnaire(held, by=cast.zhao)


def test_seeding_again_makes_nothing(db: None) -> None:
    assert seed_questionnaires() == 0
    assert questionnaire().questions.count() == 8


def test_answers_are_taken_whole_and_never_rewritten(cast: Cast) -> None:
    said: dict[str, Any] = {"channel": "phone", "at": at("2026-08-24 10:00"), "by": cast.zhao, "about": cast.li}
    with pytest.raises(BadAnswers) as caught:
        take_answers(questionnaire(), cast.wu, {"1": "a"}, **said)
    assert sorted(caught.value.extra["mistakes"]) == [3, 4, 5, 6]
    with pytest.raises(NotInForce):
        take_answers(new_version(questionnaire(), by=cast.zhao), cast.wu, CONTENT, **said)
    sheet = take_answers(questionnaire(), cast.wu, CONTENT, **said)
    assert (sheet.score, sheet.topics["speed"]) == (4.0, 3.0)
    with pytest.raises(InternalError), transaction.atomic():
        AnswerSheet.objects.filter(pk=sheet.pk).update(score=5)


def test_the_editor_keeps_what_was_typed(browse: Callable[[str], Browser], cast: Cast) -> None:
    draft, browser = new_version(questionnaire(), by=cast.zhao), browse("zhao")
    page = browser.get(f"/clients/questionnaires/{draft.pk}/edit/")
    rows, form = page.context["rows"], page.context["form"]
    data = {name: form.initial[name] for name in ("title", "purpose", "opening", "thanks", "revision")}
    data |= {"q-TOTAL_FORMS": rows.total_form_count(), "q-INITIAL_FORMS": rows.initial_form_count()}
    for place, row in enumerate(rows):
        for name in row.fields:
            value = row.get_initial_for_field(row.fields[name], name) if place < 8 else ""
            if value not in (None, False, ""):
                data[f"q-{place}-{name}"] = "on" if value is True else value
    before = [question.ask for question in draft.questions.order_by("number")]
    answer = browser.post(f"/clients/questionnaires/{draft.pk}/edit/", data)
    assert answer.status_code == 302, answer.context["rows"].errors
    assert [question.ask for question in draft.questions.order_by("number")] == before
    assert "还不能启用" not in browser.get(answer["Location"]).content.decode()


def test_the_list_of_questionnaires_keeps_its_budget(
    browse: Callable[[str], Browser], cast: Cast, query_budget: Any
) -> None:
    for place in range(20):
        start_questionnaire(f"own-{place}", WORDS, by=cast.zhao)
    browser = browse("zhao")
    with query_budget("clients:questionnaire_list"):
        assert browser.get("/clients/questionnaires/").status_code == 200
