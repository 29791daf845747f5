"""Access to the pages of feedback: questionnaires, surveys, satisfaction, findings, the service standard."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Questionnaire
from clients.operations.questionnaires import new_version
from complaints.models import Finding, Invitation, SurveyMessage
from complaints.operations.findings import finish, plan_measure
from complaints.operations.survey_answers import hold_forum
from complaints.operations.surveys import make_run
from tests.access.row import Row
from tests.complaints.asking import CONTENT, answered, finding, online, opened, plan, questionnaire
from tests.conftest import Cast

TODAY = date.today()


def house(cast: Cast) -> dict[str, Any]:
    return {"pk": questionnaire().pk}


def draft(cast: Cast) -> Questionnaire:
    return new_version(questionnaire(), by=cast.zhao)


def draft_pk(cast: Cast) -> dict[str, Any]:
    return {"pk": draft(cast).pk}


def own_active(cast: Cast) -> dict[str, Any]:
    made = draft(cast)
    Questionnaire.objects.filter(pk=made.pk).update(state="active")
    return {"pk": made.pk}


def begun(cast: Cast) -> dict[str, Any]:
    return {"pk": opened(cast).pk}


def prepared(cast: Cast) -> dict[str, Any]:
    return {"pk": make_run(plan(), by=cast.zhao).pk}


def invited(cast: Cast) -> dict[str, Any]:
    """wu, asked by phone."""
    return {"pk": Invitation.objects.get(run=opened(cast), client=cast.wu).pk}


def sheet(cast: Cast) -> dict[str, Any]:
    run = opened(cast)
    answered(run, [cast.wu], CONTENT, cast.zhao)
    return {"pk": Invitation.objects.get(run=run).sheet_id}


def forum(cast: Cast) -> dict[str, Any]:
    told: dict[str, Any] = {"held_on": date(2026, 8, 24), "place": "二楼", "minutes": "记录", "host": cast.zhao}
    return {"pk": hold_forum(opened(cast), [cast.wu], **told, by=cast.zhao).pk}


def link(cast: Cast) -> dict[str, Any]:
    return {"token": online(cast)[1]}


def unsent(cast: Cast) -> dict[str, Any]:
    """The message of wu's invitation, which may go out now."""
    waiting = SurveyMessage.objects.filter(invitation=online(cast)[0])
    waiting.update(not_before=timezone.now())
    return {"pk": waiting.get().pk}


def unsent_ids(cast: Cast) -> dict[str, Any]:
    return {"ids": [unsent(cast)["pk"]]}


def typed(answers: dict[str, Any]) -> dict[str, Any]:
    return {f"q{number}": answer for number, answer in answers.items()}


def filled(cast: Cast) -> dict[str, Any]:
    return typed(CONTENT)


def run_form(cast: Cast) -> dict[str, Any]:
    return {
        "title": "秋季", "questionnaire": questionnaire().pk, "channels": ["phone"], "opens_on": "2026-08-24",
        "closes_on": "2099-12-01", "sampling": "all", "seed": 1, "reminders_most": 1, "remind_after_days": 5,
        "low_opens": "event",
    }  # fmt: skip


def purpose(cast: Cast) -> dict[str, Any]:
    return {"reason": "季度汇报"}


def found(cast: Cast) -> dict[str, Any]:
    return {"pk": finding(cast).pk}


def individual(cast: Cast) -> dict[str, Any]:
    """What wu alone needs: about li, who serves him."""
    return {"pk": finding(cast, kind="individual", client=cast.wu, about=cast.li).pk}


def planned(cast: Cast) -> Finding:
    """One that chen is to act on."""
    measure: dict[str, Any] = {
        "measure_kind": "training",
        "measure": "培训",
        "owner": cast.chen,
        "due_on": TODAY + timedelta(days=9),
    }
    return plan_measure(finding(cast), **measure, version=1, by=cast.zhao)


def planned_pk(cast: Cast) -> dict[str, Any]:
    return {"pk": planned(cast).pk}


def done(cast: Cast) -> dict[str, Any]:
    return {"pk": finish(planned(cast), result="已培训", done_on=TODAY, version=2, by=cast.chen).pk}


def measure(cast: Cast) -> dict[str, Any]:
    due = (TODAY + timedelta(days=9)).isoformat()
    return {"measure_kind": "training", "measure": "培训", "owner": cast.chen.pk, "due_on": due, "version": 1}


def outcome(cast: Cast) -> dict[str, Any]:
    return {"result": "已培训", "done_on": TODAY.isoformat(), "version": 2}


def why(cast: Cast) -> dict[str, Any]:
    return {"reason": "重复登记", "version": 1}


def why_again(cast: Cast) -> dict[str, Any]:
    return {"reason": "没有改善", "version": 3}


def later(cast: Cast) -> dict[str, Any]:
    """A run that still goes on proves nothing."""
    return {"run": opened(cast, opens_on=TODAY).pk, "version": 3}


def words(cast: Cast) -> dict[str, Any]:
    return {"title": "电话不畅", "topic": "channel", "kind": "common"}


def promise(cast: Cast) -> dict[str, Any]:
    return {"slogan": "用心", "promises": "三声内接听"}


def code(cast: Cast) -> dict[str, Any]:
    return {"title": "新问卷", "code": "fresh", "purpose": "needs"}


def head(cast: Cast) -> dict[str, Any]:
    return {"revision": 1}


def editor(cast: Cast) -> dict[str, Any]:
    return {
        "title": "问卷", "purpose": "needs", "opening": "您好", "thanks": "谢谢", "revision": 1,
        "q-TOTAL_FORMS": 1, "q-INITIAL_FORMS": 0, "q-0-number": 1, "q-0-kind": "text", "q-0-text": "还需要什么",
        "q-0-scale_max": 5,
    }  # fmt: skip


ROWS = [
    # Questionnaires: directors, their assistant and the service desk  nobody li wang chen zhao qian zhou shen sun
    Row("clients:questionnaire_list", "302 403 403 403 200 403 403 403 200"),
    Row("clients:questionnaire_create", "302 403 403 403 200 403 403 403 200"),
    Row("clients:questionnaire_create", "302 403 403 403 302 403 403 403 302", method="post", data=code),
    Row("clients:questionnaire_detail", "302 403 403 403 200 403 403 403 200", house),
    Row("clients:questionnaire_edit", "302 403 403 403 200 403 403 403 404", draft_pk),
    Row("clients:questionnaire_edit", "302 403 403 403 302 403 403 403 404", draft_pk, "post", editor),
    Row("clients:questionnaire_version", "302 405 405 405 405 405 405 405 405", house),
    Row("clients:questionnaire_version", "302 403 403 403 302 403 403 403 302", house, "post"),
    Row("clients:questionnaire_activate", "302 403 403 403 200 403 403 403 404", draft_pk),
    Row("clients:questionnaire_activate", "302 403 403 403 302 403 403 403 404", draft_pk, "post", head),
    Row("clients:questionnaire_retire", "302 403 403 403 200 403 403 403 404", own_active),
    Row("clients:questionnaire_retire", "302 403 403 403 302 403 403 403 404", own_active, "post"),
    # Surveys: who sees the branch; run by the desk and the directors
    Row("complaints:survey_list", "302 403 403 403 200 200 403 403 200"),
    Row("complaints:survey_create", "302 403 403 403 200 403 403 403 200"),
    Row("complaints:survey_create", "302 403 403 403 302 403 403 403 302", method="post", data=run_form),
    Row("complaints:survey_detail", "302 403 403 403 200 200 403 403 404", begun),
    Row("complaints:survey_edit", "302 403 403 403 200 403 403 403 404", prepared),
    Row("complaints:survey_edit", "302 403 403 403 302 403 403 403 404", prepared, "post", run_form),
    Row("complaints:survey_open", "302 403 403 403 200 403 403 403 404", prepared),
    Row("complaints:survey_open", "302 403 403 403 302 403 403 403 404", prepared, "post"),
    Row("complaints:survey_end", "302 403 403 403 200 403 403 403 404", begun),
    Row("complaints:survey_end", "302 403 403 403 302 403 403 403 404", begun, "post"),
    Row("complaints:survey_remind", "302 405 405 405 405 405 405 405 405", begun),
    Row("complaints:survey_remind", "302 403 403 403 302 403 403 403 404", begun, "post"),
    Row("complaints:survey_links", "302 403 403 403 200 403 403 403 404", begun),
    Row("complaints:survey_links", "302 403 403 403 200 403 403 403 404", begun, "post", purpose),
    Row("complaints:survey_calls", "302 403 403 403 200 403 403 403 404", begun),
    Row("complaints:forum_create", "302 403 403 403 200 403 403 403 404", begun),
    Row("complaints:forum_create", "302 403 403 403 422 403 403 403 404", begun, "post", purpose),
    Row("complaints:forum_detail", "302 403 403 403 200 200 403 403 404", forum),
    Row("complaints:survey_answer", "302 403 403 403 200 403 403 403 404", invited),
    Row("complaints:survey_answer", "302 403 403 403 302 403 403 403 404", invited, "post", filled),
    Row("complaints:survey_refused", "302 403 403 403 200 403 403 403 404", invited),
    Row("complaints:survey_refused", "302 403 403 403 302 403 403 403 404", invited, "post"),
    Row("complaints:survey_unreached", "302 405 405 405 405 405 405 405 405", invited),
    Row("complaints:survey_unreached", "302 403 403 403 302 403 403 403 404", invited, "post"),
    Row("complaints:survey_sheet", "302 403 403 403 200 200 403 403 404", sheet),
    # What waits to be sent: who runs surveys, never to his own clients
    Row("complaints:survey_waiting", "302 403 403 403 200 403 403 403 200"),
    Row("complaints:survey_message", "302 405 405 405 405 405 405 405 405", unsent),
    Row("complaints:survey_message", "302 403 403 403 200 403 403 403 404", unsent, "post"),
    Row("complaints:survey_sent", "302 403 403 403 302 403 403 403 302", method="post", data=unsent_ids),
    Row("complaints:survey_waiting_export", "302 403 403 403 200 403 403 403 200"),
    Row("complaints:survey_waiting_export", "302 403 403 403 200 403 403 403 200", method="post", data=purpose),
    # The link of a client: open to whoever holds it
    Row("survey_public", "200 200 200 200 200 200 200 200 200", link),
    Row("survey_public", "201 201 201 201 201 201 201 201 201", link, "post", filled),
    # Satisfaction: everybody who serves, each his own
    Row("complaints:satisfaction", "302 200 200 200 200 200 403 403 200"),
    Row("complaints:satisfaction_export", "302 200 200 200 200 200 403 403 200"),
    Row("complaints:satisfaction_export", "302 200 200 200 200 200 403 403 200", method="post", data=purpose),
    # Findings: common ones known to the staff, one about li never to him
    Row("complaints:finding_list", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:finding_board", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:finding_analysis", "302 403 403 403 200 200 403 403 200"),
    Row("complaints:finding_create", "302 403 403 403 200 200 403 403 200"),
    Row("complaints:finding_create", "302 403 403 403 302 302 403 403 302", method="post", data=words),
    Row("complaints:finding_detail", "302 200 200 200 200 200 404 403 404", found),
    Row("complaints:finding_plan", "302 403 403 403 200 200 403 403 404", individual),
    Row("complaints:finding_plan", "302 403 403 403 302 302 403 403 404", individual, "post", measure),
    Row("complaints:finding_finish", "302 200 200 200 200 200 404 403 404", planned_pk),
    Row("complaints:finding_finish", "302 403 403 302 302 302 404 403 404", planned_pk, "post", outcome),
    Row("complaints:finding_remeasure", "302 403 403 403 200 200 403 403 404", done),
    Row("complaints:finding_remeasure", "302 403 403 403 409 409 403 403 404", done, "post", later),
    Row("complaints:finding_drop", "302 403 403 403 200 200 403 403 404", found),
    Row("complaints:finding_drop", "302 403 403 403 302 302 403 403 404", found, "post", why),
    Row("complaints:finding_reopen", "302 403 403 403 200 200 403 403 404", done),
    Row("complaints:finding_reopen", "302 403 403 403 302 302 403 403 404", done, "post", why_again),
    # The service standard: for everybody
    Row("complaints:standard", "302 200 200 200 200 200 200 200 200"),
    Row("complaints:standard_edit", "302 403 403 403 200 403 403 403 200"),
    Row("complaints:standard_edit", "302 403 403 403 302 403 403 403 302", method="post", data=promise),
]
