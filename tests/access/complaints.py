"""Access to the pages of complaints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core import signing

from complaints import operations
from complaints.models import Complaint
from complaints.rules.wording import APPEAL
from complaints.views.public import SALT
from tests.access.row import Row, wu
from tests.complaints.making import MORNING, answered, complain, walked
from tests.conftest import Cast

Kwargs = Callable[[Cast], Mapping[str, Any]]


def heard(cast: Cast) -> dict[str, object]:
    """A complaint of wu that chen heard: li is his manager, chen leads li, zhao and qian see the branch."""
    return {"pk": complain(cast, phone="13800001111").pk}


def stranger(cast: Cast) -> dict[str, object]:
    """A complaint of somebody unknown."""
    return {"pk": complain(cast, client=None).pk}


def at(state: str) -> Kwargs:
    """The same, in that state."""
    return lambda cast: {"pk": walked(cast, state).pk}


def planned(cast: Cast) -> dict[str, object]:
    one = walked(cast, "handling")
    return {"pk": operations.propose_plan(one, plan="致歉", outcome="upheld", by=cast.chen).pk}


def told(cast: Cast) -> dict[str, object]:
    return {"pk": answered(cast).pk}


def wants_time(cast: Cast) -> dict[str, object]:
    one = operations.request_extension(complain(cast), days=10, reason="须外部取证", by=cast.chen, now=MORNING)
    return {"pk": one.pk}


def wants_mediation(cast: Cast) -> dict[str, object]:
    return {"pk": operations.request_mediation(complain(cast), note="投服中心", by=cast.chen, now=MORNING).pk}


def stands_still(cast: Cast) -> dict[str, object]:
    return {"pk": operations.pause(complain(cast), reason="等待客户材料", by=cast.chen, now=MORNING).pk}


def named(cast: Cast) -> dict[str, object]:
    """A complaint that names wang."""
    return {"pk": complain(cast, parties=[cast.wang]).pk}


def asked(cast: Cast) -> dict[str, object]:
    """A complaint about which li was asked."""
    one = complain(cast)
    operations.refer(one, cast.li, request="请说明经过", by=cast.chen, now=MORNING)
    return {"pk": one.pk}


def held(cast: Cast) -> dict[str, object]:
    return {"pk": operations.set_hold(complain(cast), held=True, reason="诉讼", by=cast.qian, now=MORNING).pk}


def repeated(cast: Cast) -> dict[str, object]:
    """A repeat, its earlier complaint beside it."""
    complain(cast)
    return heard(cast)


def joined(cast: Cast) -> dict[str, object]:
    main, repeat = complain(cast), complain(cast)
    return {"pk": operations.merge(repeat, main, reason="同一事项", by=cast.chen, now=MORNING).pk}


def phone(cast: Cast) -> dict[str, object]:
    return {**heard(cast), "field": "phone"}


def says(**facts: object) -> Kwargs:
    """Facts of a form, at the version the complaint is at."""

    def data(cast: Cast) -> dict[str, object]:
        return {"version": Complaint.objects.latest("pk").version, **facts}

    return data


def of(name: str, field: str, **facts: object) -> Kwargs:
    """The same, with one of the cast."""
    return lambda cast: {**says(**facts)(cast), field: cast.people[name].pk}


def into(cast: Cast) -> dict[str, object]:
    first = Complaint.objects.order_by("pk").first()
    assert first is not None
    return {**says(reason="同一事项")(cast), "into": first.no}


def public(cast: Cast) -> dict[str, object]:
    return {"token": signing.Signer(salt=SALT, sep=".").sign(cast.branch.code)}


def record(cast: Cast) -> dict[str, object]:
    return {
        "caller_name": "吴越", "channel": "phone", "received_at": "2026-08-24T10:00", "people_count": 1,
        "content": "客户反映营业部人员答复拖延", "category": "staff_attitude", "business_class": "other",
        "urgency": "normal",
    }  # fmt: skip


WHY = says(reason="情况属实")
NOTE = says(note="")
PLAN = says(outcome="upheld", plan="致歉")
CLASS = says(
    category="other", business_class="other", people_count=2, urgency="hard", reasonableness="pending"
)  # fmt: skip
OPEN = "302 403 403 200 200 200 403 403 404"  # the form of an act of handlers
DOES = "302 403 403 302 302 403 403 403 404"  # taken by its handler chen and by zhao above him
WATCH = "302 403 403 403 403 200 403 403 403"  # compliance alone
WATCHED = "302 403 403 403 403 302 403 403 403"
SIGN = "302 403 403 403 200 200 403 403 404"
SIGNED = "302 403 403 403 302 302 403 403 404"
SEEN = "302 200 404 200 200 200 404 403 404"
READ = "302 403 404 200 200 200 404 403 404"  # li knows the outline only


def act(name: str, seen: str, done: str, kwargs: Kwargs, data: Kwargs) -> list[Row]:
    """The two lines of one act: its form, and the form sent in."""
    route = f"complaints:{name}"
    return [Row(route, seen, kwargs), Row(route, done, kwargs, "post", data)]


ROWS: list[Row] = [
    #                             nobody li wang chen zhao qian zhou shen sun
    Row("complaints:list", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:board", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:queue", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:standing_panel", "302 403 403 200 200 200 403 403 200"),
    Row("complaints:export", "302 403 403 403 200 200 403 403 200"),
    Row("complaints:export", "302 403 403 403 200 200 403 403 200", None, "post", lambda cast: {"reason": "报送"}),
    Row("complaints:create", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:create", "302 302 302 302 302 302 302 403 302", None, "post", record),
    Row("complaints:pick", "302 200 200 200 200 200 200 403 200"),
    Row("complaints:register", "302 403 403 200 200 200 403 403 200"),
    Row("complaints:analysis", "302 403 403 200 200 200 403 403 200"),
    Row("complaints:yearly", "302 403 403 200 200 200 403 403 200"),
    Row("complaints:limits", "302 403 403 200 200 200 403 403 200"),
    Row("complaints:limit_edit", "302 403 403 403 200 200 403 403 200", lambda cast: {"step": "decision"}),
    Row(
        "complaints:limit_edit",
        "302 403 403 403 302 302 403 403 302",
        lambda cast: {"step": "decision"},
        "post",
        lambda cast: {"amount": 4},
    ),
    Row("complaints:public_form", "200 200 200 200 200 200 200 200 200", public),
    Row("complaints:client_panel", SEEN, wu),
    Row("complaints:attachment", "302 404 404 404 404 404 404 403 404", lambda cast: {"pk": 1}),
    Row("complaints:detail", SEEN, heard),
    Row("complaints:letter", READ, at("feedback")),
    Row("complaints:record", READ, heard),
    Row("complaints:acknowledged", READ, heard),
    Row("complaints:show", "302 405 405 405 405 405 405 405 405", phone),
    Row("complaints:show", OPEN, phone, "post"),
    *act("investigate", OPEN, DOES, heard, NOTE),
    *act("cause", OPEN, DOES, at("investigating"), says(cause_code="skill", cause_note="查", reasonableness="pending")),
    *act("propose", OPEN, DOES, at("handling"), PLAN),
    *act("approve", SIGN, SIGNED, planned, NOTE),
    *act("feedback", OPEN, DOES, at("feedback"), says(channel="phone", text="已说明")),
    *act("close", OPEN, DOES, told, NOTE),
    *act("reject", OPEN, DOES, heard, says(reason="不属于本部", appeal_text=APPEAL)),
    *act("withdraw", OPEN, DOES, heard, WHY),
    *act("second_opinion", OPEN, DOES, told, of("qian", "reviewer", reason="不满意")),
    *act("pause", OPEN, "302 403 403 409 409 403 403 403 404", heard, WHY),  # long overdue by now: nothing stands still
    *act("resume", OPEN, DOES, stands_still, NOTE),
    *act("ask_extension", OPEN, DOES, heard, says(days=5, reason="须取证")),
    *act("extend", SIGN, SIGNED, wants_time, NOTE),
    *act("decline_extension", SIGN, SIGNED, wants_time, WHY),
    *act("ask_mediation", OPEN, DOES, heard, says(note="投服中心")),
    *act("accept_mediation", OPEN, DOES, wants_mediation, NOTE),
    *act("classify", OPEN, DOES, heard, CLASS),
    *act("identify", OPEN, DOES, stranger, says(client_no="880100000001")),
    *act("refer", OPEN, DOES, heard, of("zhou", "to", request="请查柜台记录", working_days=2)),
    *act("merge", OPEN, DOES, repeated, into),
    *act("unmerge", OPEN, DOES, joined, WHY),
    *act("hand_over", OPEN, "302 403 403 409 409 409 403 403 404", heard, of("zhao", "to", reason="调岗")),
    *act("answer", SEEN, "302 302 404 404 404 404 404 403 404", asked, says(answer="已查")),
    *act("attach", SEEN, "302 422 404 422 422 422 404 403 404", heard, says()),
    *act("name", SEEN, "302 403 404 302 302 302 404 403 404", heard, of("wang", "employee")),
    *act("release", WATCH, WATCHED, named, of("wang", "employee", reason="协助调查")),
    *act("hold", WATCH, WATCHED, heard, WHY),
    *act("lift_hold", WATCH, WATCHED, held, WHY),
]
