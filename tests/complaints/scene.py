"""One complaint with all that may tell of it elsewhere: papers, tasks, survey, finding, score, entries of the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from branchcrm.bridge import raise_pending
from clients.models import ClientStanding
from complaints import operations
from complaints.models import Attachment, Complaint, Finding, Invitation, SurveyRun
from complaints.operations.findings import Found, find
from office.models import Employee
from retention.models import ChurnRun, ChurnStanding, ClosureRequest, RetentionCase
from retention.operations.closures import register_request
from retention.operations.opening import open_by_hand
from retention.operations.points import ensure_points
from service_logs.models import ReturnVisit, Signal, Task
from tests.complaints.asking import ANGRY, answered, opened
from tests.complaints.making import MORNING, complain, walked
from tests.conftest import TODAY, Cast
from tests.retention.making import CONCERN
from tests.service_logs.visiting import owed_visit

WORD = "鹦鹉螺壳"  # said by the caller, and nowhere else in the house
CALLER = "贾诉客"
SAID_OF_MANAGER = "砗磲贝壳"  # in a survey
PHONE = "13800001111"
NAMED_AT = MORNING + timedelta(minutes=5)


@dataclass
class Scene:
    """A complaint about `who` and what lies around it."""

    who: Employee
    complaint: Complaint
    of_survey: Complaint
    paper: Attachment
    tasks: list[Task]
    run: SurveyRun
    invitation: Invitation
    finding: Finding
    case: RetentionCase
    request: ClosureRequest
    visit: ReturnVisit

    @property
    def traces(self) -> tuple[str, ...]:
        """What `who` may read nowhere; what the client said of his manager concerns that one alone."""
        own = (self.of_survey.no, SAID_OF_MANAGER) if self.invitation.manager_id == self.who.pk else ()
        return self.complaint.no, WORD, CALLER, *own


def play(cast: Cast, who: Employee, *, serves: bool = True) -> Scene:
    """Let `who` be asked about a complaint of wu like anybody, and then turn out to be whom it is about.

    He serves wu, or else li does.
    """
    if serves:
        ClientStanding.objects.filter(client=cast.wu).update(manager=who)
        cast.wu.standing.refresh_from_db()
    one = _told(cast, who)
    run = opened(cast, low_opens="complaint")
    answered(run, [cast.wu], {**ANGRY, "8": f"他说{SAID_OF_MANAGER}"}, cast.people["wang"])
    asked = Invitation.objects.get(run=run, client=cast.wu)
    finding = find(
        Found(
            title=f"答复拖延：{WORD}", topic="attitude", kind="individual", client=cast.wu, about=who, complaints=[one]
        ),
        by=cast.wang,
    )
    _scored(cast)
    request = register_request(cast.wu, kind="transfer_sz", channel="counter", by=cast.zhou)
    case = open_by_hand(cast.wu, CONCERN, by=cast.zhao)
    raise_pending(cast.branch, NAMED_AT)
    operations.add_party(one, who, by=cast.chen, now=NAMED_AT)
    raise_pending(cast.branch, NAMED_AT + timedelta(minutes=1))
    raise_pending(cast.branch, timezone.now())
    told = Signal.objects.filter(client=cast.wu, rule__code="complaint_visit").latest("pk")
    visit = owed_visit(cast.wu, kind=ReturnVisit.Kind.COMPLAINT, occurrence=told.occurrence)
    return Scene(
        who,
        Complaint.objects.get(pk=one.pk),
        Complaint.objects.get(pk=asked.complaint_id or 0),
        Attachment.objects.get(),
        list(Task.objects.filter(client=cast.wu)),
        run,
        asked,
        finding,
        case,
        request,
        visit,
    )


def _told(cast: Cast, who: Employee) -> Complaint:
    said = f"客户说：{WORD}，佣金太高，一直没有人回复。"
    one = complain(cast, phone=PHONE, caller_name=CALLER, content=said, our_answers=said, special_requests=said)
    operations.attach(one, name=f"{WORD}.txt", data=WORD.encode(), by=cast.chen, now=MORNING)
    one.refresh_from_db()
    operations.refer(one, who, request=f"请说明经过：{WORD}", by=cast.chen, now=MORNING)
    one.refresh_from_db()
    return walked(cast, "closed", complaint=one)


def _scored(cast: Cast) -> None:
    """Let the night have counted the complaint among the reasons why wu may leave."""
    points = ensure_points(cast.branch, TODAY)
    run = ChurnRun.objects.create(branch=cast.branch, as_of=TODAY, point_set=points, fingerprint="x", clients=1)
    signs = [
        {"code": code, "points": 40, "since": "2026-08-20", "fact": fact, "figures": []}
        for code, fact in [("complaint", f"未结投诉 {WORD}"), ("outflow", "资金净流出")]
    ]
    ChurnStanding.objects.create(
        client=cast.wu, branch=cast.branch, run=run, score=80, band=3, value_at_risk_fen=100,
        codes=["complaint", "outflow"], signals=signs,
    )  # fmt: skip
