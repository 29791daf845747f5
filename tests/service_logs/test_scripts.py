"""The library of scripts: what is said, who puts it in force, and what lies beside a call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from office.errors import Conflict
from office.models import AuditEntry
from service_logs.errors import ForbiddenWords, OwnDraft
from service_logs.models import Contact, Script
from service_logs.operations.scripts import Words, approve_script, retire_script, write_script
from service_logs.operations.seeding import seed_catalogue
from service_logs.queries.scripts import script_for, scripts_beside
from service_logs.rules.catalogue import CATALOGUE
from service_logs.rules.scripts import SCRIPTS
from service_logs.rules.words import SCRIPT_FORBIDDEN, forbidden_words
from tests.budgets import QueryBudget
from tests.conftest import Cast
from tests.service_logs.desk import noticed, owe

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
KEY = "mot.leaving"
PAGE = f"/service/scripts/{KEY}/"
REASONS = (
    "outside_broker", "poor_market", "commission", "service_dissatisfied", "other_branch_better", "relocation",
    "family", "leave_market", "product_maturity", "death_inheritance", "outstanding_dispute", "other",
)  # fmt: skip
WORDS = Words("离开的客户", "您的申请照常办理，我陪您把手续办完。", "还缺哪些材料？", "不反复劝说")


def written(cast: Cast, words: Words = WORDS) -> Script:
    return write_script(KEY, words, by=cast.chen)


def in_force(cast: Cast) -> Script:
    draft = written(cast)
    return approve_script(draft, revision=draft.revision, by=cast.qian)


@pytest.mark.req("RET-04")
def test_the_house_has_a_script_for_every_event_and_every_reason_to_leave(cast: Cast) -> None:
    wanted = [f"mot.{entry.code}" for entry in CATALOGUE] + [f"retention.{reason}" for reason in REASONS]
    for key in [*wanted, "complaint.intake", "return_visit.five_topics"]:
        assert script_for(key, cast.branch) is not None, key


@pytest.mark.req("FRM-03")
def test_there_is_a_script_for_each_stage_of_the_adviser() -> None:
    assert {text.stage for text in SCRIPTS} - {""} == set(Script.Stage.values)


@pytest.mark.parametrize("text", SCRIPTS, ids=[text.key for text in SCRIPTS])
def test_no_script_of_the_house_uses_a_forbidden_word(text: object) -> None:
    told = [text.title, text.text, *text.questions, *text.avoid]  # type: ignore[attr-defined]  # a Text
    assert [forbidden_words(part, SCRIPT_FORBIDDEN) for part in told] == [[]] * len(told)


def test_the_five_topics_of_a_return_visit_are_five() -> None:
    script = script_for("return_visit.five_topics")
    assert script is not None
    assert len(script.question_lines) == 5


def test_seeding_again_adds_nothing_and_new_words_become_a_new_version(cast: Cast) -> None:
    before = Script.objects.count()
    seed_catalogue()
    assert Script.objects.count() == before
    Script.objects.filter(key=KEY, branch=None).update(text="旧话术")
    seed_catalogue()
    states = Script.objects.filter(key=KEY, branch=None).order_by("version").values_list("version", "state")
    assert list(states) == [(1, "retired"), (2, "approved")]


def test_a_draft_changes_nothing_until_somebody_else_approves_it(cast: Cast) -> None:
    house = script_for(KEY, cast.branch)
    draft = written(cast)
    assert script_for(KEY, cast.branch) == house
    approve_script(draft, revision=draft.revision, by=cast.qian)
    assert script_for(KEY, cast.branch) == draft
    assert script_for(KEY, cast.other_branch) == house
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "service_logs.script_written", "service_logs.script_approved",
    }  # fmt: skip


def test_who_wrote_a_script_never_approves_it_even_as_director(cast: Cast) -> None:
    draft = write_script(KEY, WORDS, by=cast.zhao)
    with pytest.raises(OwnDraft):
        approve_script(draft, revision=draft.revision, by=cast.zhao)


def test_what_was_rewritten_after_it_was_read_is_not_approved(cast: Cast) -> None:
    draft = written(cast)
    write_script(KEY, Words("另一个", "改过的话术"), by=cast.chen, revision=draft.revision)
    with pytest.raises(Conflict):
        approve_script(draft, revision=draft.revision, by=cast.qian)


def test_of_two_people_who_write_at_once_the_second_is_told(cast: Cast) -> None:
    written(cast)
    with pytest.raises(Conflict):
        write_script(KEY, WORDS, by=cast.zhao, revision=0)


def test_approving_twice_is_refused(cast: Cast) -> None:
    draft = in_force(cast)
    with pytest.raises(Conflict):
        approve_script(draft, revision=draft.revision, by=cast.zhao)


def test_a_new_version_retires_the_one_before(cast: Cast) -> None:
    first = in_force(cast)
    second = in_force(cast)
    first.refresh_from_db()
    assert (first.state, second.state, second.version) == ("retired", "approved", first.version + 1)


def test_a_retired_script_is_shown_nowhere_and_the_house_keeps_its_own(cast: Cast) -> None:
    held = script_for(KEY, cast.branch)
    assert held is not None
    retire_script(held, reason="改版", by=cast.qian)
    assert script_for(KEY, cast.branch) is None
    assert script_for(KEY, cast.other_branch) == held
    with pytest.raises(Conflict):
        retire_script(held, reason="再次", by=cast.qian)


def test_a_draft_older_than_a_retirement_still_comes_into_force(cast: Cast) -> None:
    draft, held = written(cast), script_for(KEY, cast.branch)
    assert held is not None
    retire_script(held, reason="改版", by=cast.qian)
    approve_script(draft, revision=draft.revision, by=cast.qian)
    assert script_for(KEY, cast.branch) == draft


@pytest.mark.req("DNI-02")
@pytest.mark.parametrize("name", ["title", "text", "questions", "avoid"])
@pytest.mark.parametrize("word", ["保证收益", "善意的谎言", "谎称系统故障", "拖住客户"])
def test_a_script_that_lies_promises_or_holds_up_is_refused_in_every_field(
    name: str, word: str, cast: Cast, browse: Browse
) -> None:
    values = {"title": "离开", "text": "协助办理", "questions": "", "avoid": "", name: f"可以用{word}"}
    with pytest.raises(ForbiddenWords):
        write_script(KEY, Words(**values), by=cast.chen)
    response = browse("chen").post(f"{PAGE}edit/", {**values, "revision": 0})
    assert response.status_code == 422
    assert name in response.context["form"].errors


def test_the_list_is_searched_and_narrowed_by_scene(browse: Browse, cast: Cast) -> None:
    written(cast)
    page = browse("li").get("/service/scripts/?scene=retention&q=佣金")
    assert [line.script.key for group in page.context["groups"] for line in group.lines] == ["retention.commission"]
    page = browse("li").get("/service/scripts/?show=draft")
    assert [line.script.key for group in page.context["groups"] for line in group.lines] == [KEY]
    assert "没有符合条件的话术" in browse("li").get("/service/scripts/?q=绝无此词").content.decode()


def test_the_page_shows_the_versions_and_approves_what_it_shows(browse: Browse, cast: Cast) -> None:
    draft = written(cast)
    assert "审核通过，启用" not in browse("chen").get(PAGE).content.decode()
    text = browse("qian").get(PAGE).content.decode()
    assert "审核通过，启用" in text
    answer = browse("qian").post(f"{PAGE}approve/", {"draft": draft.pk, "revision": draft.revision}, follow=True)
    assert "已启用" in answer.content.decode()
    assert browse("qian").post(f"{PAGE}approve/", {"draft": "x"}).status_code == 422


def test_an_unknown_situation_is_not_found(browse: Browse) -> None:
    for name in ("", "edit/", "retire/"):
        assert browse("zhao").get(f"/service/scripts/mot.nothing/{name}").status_code == 404


def test_another_branch_sees_no_draft(browse: Browse, cast: Cast) -> None:
    written(cast)
    assert browse("sun").get(PAGE).context["draft"] is None


def test_the_script_lies_beside_the_task_and_the_log_keeps_its_version(browse: Browse, cast: Cast) -> None:
    task = noticed(cast.wu, cast.li, "leaving")
    script = script_for(KEY, cast.branch)
    assert script is not None
    assert scripts_beside([task], cast.branch) == [script]
    assert script.text[:12] in browse("li").get(task.get_absolute_url()).content.decode()
    drawer = browse("li").get(f"/service/contacts/new/?client={cast.wu.pk}")
    assert f"话术：{script.title}" in drawer.content.decode()
    browse("li").post("/service/contacts/new/", {
        "client": cast.wu.pk, "tasks": [task.pk], "channel": "phone", "result": "reached", "summary": "已协助办理",
        "next": "rhythm", "initiator": "staff", "script": script.pk,
    })  # fmt: skip
    contact = Contact.objects.get()
    assert contact.script == script
    assert f"第 {script.version} 版" in browse("li").get(contact.get_absolute_url()).content.decode()


def test_a_script_that_was_not_shown_is_not_kept(browse: Browse, cast: Cast) -> None:
    task = owe(cast.wu, cast.li)
    other = script_for("mot.birthday")
    assert other is not None
    answer = browse("li").post("/service/contacts/new/", {
        "client": cast.wu.pk, "tasks": [task.pk], "channel": "phone", "result": "reached", "summary": "已联系",
        "next": "rhythm", "initiator": "staff", "script": other.pk,
    })  # fmt: skip
    assert answer.status_code == 422


def test_the_list_costs_the_same_for_any_number_of_scripts(
    browse: Browse, cast: Cast, query_budget: QueryBudget
) -> None:
    browser = browse("li")
    with query_budget("service_logs:script_list"):
        assert browser.get("/service/scripts/").status_code == 200
