"""The year's return visits of a demonstration branch: planned, called, denied, checked by head office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from branchcrm.demo.scale import LARGE, Scale
from office.dates import SHANGHAI, TradingCalendar
from office.models import Branch, Employee, Role
from service_logs.errors import NotIndependentCaller
from service_logs.models import ReturnVisit, VisitPlan
from service_logs.operations.spot_checks import draw_check, record_finding
from service_logs.operations.visit_plans import add_mandatory, give_out_again, make_plan
from service_logs.operations.visits import Said, note_try, record_visit
from service_logs.queries.spot_checks import confirmed_relations, visit_checked
from service_logs.rules.visits import CONTRARY, EXPECTED, TOPICS, UNCLEAR

RATIO, SEED = Decimal("0.1"), 20
CHECKED = 12  # relations that head office looks at
CHECKED_AGO, LEFT_OPEN = 12, 6  # days before the last one: when it drew, from when on calls are still to be made
AHEAD = 5  # days before its deadline on which a visit is made
LATE_SINCE = 30  # days before the last one, from when on some deadlines were missed
LATE_EVERY, REFUSED_EVERY, UNREACHED_EVERY, DEVIATING_EVERY, OPINION_EVERY = 6, 29, 23, 11, 7
WORDS = (
    "希望交易软件的条件单说明写得更清楚", "线下讲座时间能否安排在周末", "回访电话请在收盘后打", "希望增加港股通资讯",
    "短信提醒有时晚到",
)  # fmt: skip


class Visits:
    """Tells the return visits of one branch."""

    def __init__(self, branch: Branch, scale: Scale, calendar: TradingCalendar) -> None:
        self.branch, self.as_of, self.calendar, self.clients = branch, scale.as_of, calendar, scale.clients
        people = Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no")
        self.desk = next(person for person in people if person.has_role(Role.SERVICE_STAFF))
        self.compliance = next(person for person in people if person.has_role(Role.COMPLIANCE))

    def tell(self) -> int:
        """Plan the year, make the calls that were due, check some; return how many visits there are.

        A large branch tells none of it.
        """
        if self.clients >= LARGE or VisitPlan.objects.filter(branch=self.branch).exists():
            return 0
        first = self._working(date(self.as_of.year, 1, 2))
        plan = make_plan(
            self.branch, year=first.year, ratio=RATIO, seed=SEED, by=self.compliance, today=min(first, self.as_of)
        )
        for day in self._month_ends():
            add_mandatory(plan, by=None, today=day)
        give_out_again(self.branch, by=self.compliance, today=self.as_of)
        self._call(self._due_by(self.as_of - timedelta(days=LEFT_OPEN)))
        self._check()
        return ReturnVisit.objects.filter(branch=self.branch).count()

    def _working(self, day: date) -> date:
        while not self.calendar.is_working(day):
            day += timedelta(days=1)
        return day

    def _month_ends(self) -> Iterator[date]:
        """Yield the days on which the must-visits were added: the ends of the months, and the last day."""
        for month in range(2, self.as_of.month + 1):
            yield date(self.as_of.year, month, 1) - timedelta(days=1)
        yield self.as_of

    def _due_by(self, last: date) -> list[ReturnVisit]:
        rows = ReturnVisit.objects.filter(branch=self.branch, due_on__lte=last, caller__isnull=False).open()
        return list(rows.select_related("branch", "client", "relation").order_by("due_on", "pk"))

    def _call(self, owed: list[ReturnVisit]) -> None:
        """Make the calls of `owed`, but for a few that are late; one client denies, one tells of an alarm."""
        related = [visit for visit in owed if visit.relation_id]
        denying = {visit.pk: place for place, visit in enumerate(related[-2:])}
        alarming = owed[len(owed) // 2].pk if owed else 0
        for place, visit in enumerate(owed):
            day = self._working(min(visit.due_on - timedelta(days=AHEAD), self.as_of - timedelta(days=1)))
            if visit.pk in denying:
                # The first names its recording, and the relation ends; the second is still to name it (RVS-03).
                recording = _recording(visit, day) if denying[visit.pk] == 0 else ""
                self._record(visit, Said(_answers(), recognised="no", recording_ref=recording), day)
            elif visit.pk == alarming:
                said = Said(_answers(private_trading=CONTRARY), recording_ref=_recording(visit, day))
                self._record(visit, said, day)
            elif place % UNREACHED_EVERY == UNREACHED_EVERY - 1:
                self._not_reached(visit, day)
            elif visit.due_on < self.as_of - timedelta(days=LATE_SINCE) or place % LATE_EVERY:
                self._record(visit, self._said(place, visit, day), day)

    def _said(self, place: int, visit: ReturnVisit, day: date) -> Said:
        """Return what the client of one visit says: nearly all is as it should be."""
        recording = _recording(visit, day)
        if place % REFUSED_EVERY == REFUSED_EVERY - 1:
            return Said(is_refused=True, recording_ref=recording)
        is_off = place % DEVIATING_EVERY == DEVIATING_EVERY - 1
        return Said(
            _answers(risk=CONTRARY if place % 2 else UNCLEAR) if is_off else _answers(),
            recognised="yes" if visit.relation_id else "",
            opinion=WORDS[place % len(WORDS)] if place % OPINION_EVERY == OPINION_EVERY - 1 else "",
            recording_ref=recording,
        )

    def _record(self, visit: ReturnVisit, said: Said, day: date) -> None:
        assert visit.caller is not None
        try:
            record_visit(visit, said, version=visit.version, by=visit.caller, today=day)
        except NotIndependentCaller:  # served the client that day: the visit stays owed
            return

    def _not_reached(self, visit: ReturnVisit, day: date) -> None:
        assert visit.caller is not None
        for earlier in (2, 1, 0):
            now = datetime.combine(day - timedelta(days=earlier), time(15, 20), SHANGHAI)
            note_try(visit, version=visit.version, by=visit.caller, now=now)

    def _check(self) -> None:
        """Let head office look at some confirmed relations; one visit was made without a recording."""
        if not confirmed_relations(self.branch).exists():
            return
        drawn_on = self._working(self.as_of - timedelta(days=CHECKED_AGO))
        check = draw_check(self.branch, size=CHECKED, seed=SEED, by=self.compliance, today=drawn_on)
        visits = list(check.visits.select_related("branch", "client", "relation", "caller").order_by("pk"))
        for place, visit in enumerate(visits[:-2]):
            if visit.caller is None:
                continue
            day = self._working(drawn_on + timedelta(days=1 + place // 2))
            said = Said(_answers(), recognised="yes", recording_ref=_recording(visit, day))
            self._record(visit, said, day)
            self._find(visit, day)

    def _find(self, visit: ReturnVisit, day: date) -> None:
        """Find in order what a recording proves; for one without, the desk answers."""
        before = visit_checked(visit)
        is_wrong = before is None or not before.recording_ref
        if is_wrong and ReturnVisit.objects.filter(check_of=visit.check_of_id).exclude(finding="").exists():
            return
        record_finding(
            visit, ReturnVisit.Finding.NO_RECORDING if is_wrong else ReturnVisit.Finding.IN_ORDER,
            responsible=self.desk if is_wrong else None, note="认定关系的录音未归档，限期补传" if is_wrong else "",
            version=visit.version, by=self.compliance, today=day,
        )  # fmt: skip


def _answers(**other: str) -> dict[str, str]:
    """Return the answers to the five topics: as they should be, but for `other`."""
    return {topic.key: other.get(topic.key, EXPECTED) for topic in TOPICS}


def _recording(visit: ReturnVisit, day: date) -> str:
    return f"REC-{day:%Y%m%d}-{visit.pk % 10_000:04}"
