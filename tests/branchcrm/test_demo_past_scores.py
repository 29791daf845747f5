"""What the demonstration looks back on: appraisals of months, known to the people before the first night."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import call_command
from django.db.models import F

from branchcrm.night import run_night
from clients.models import ClientStanding
from office.models import Branch, JobRun
from segmentation.models import ScoringRun, TierHistory
from service_logs.models import ReturnVisit, Signal

pytestmark = pytest.mark.usefixtures("calendar")
AS_OF, BEFORE = date(2026, 8, 21), date(2026, 8, 19)


def test_a_client_has_a_course_of_months_and_the_first_night_a_yesterday(db: None) -> None:
    call_command("demo", "--clients", "300", "--date", AS_OF.isoformat(), verbosity=0)
    runs = list(ScoringRun.objects.order_by("as_of"))
    days = [run.as_of for run in runs]
    assert days[-3:] == [date(2026, 6, 30), date(2026, 7, 31), BEFORE]
    assert {run.state for run in runs} == {"published"}
    assert [run.previous_id for run in runs] == [None, *(run.pk for run in runs[:-1])]
    assert ClientStanding.objects.filter(score_run_id=runs[-1].pk).exists()
    assert ReturnVisit.objects.values("tier").distinct().count() > 1
    call_command("demo", "--clients", "300", "--date", AS_OF.isoformat(), verbosity=0)
    assert ScoringRun.objects.count() == len(runs)


def test_old_changes_of_tier_are_no_news_of_the_first_night(db: None) -> None:
    call_command("demo", "--clients", "300", "--date", AS_OF.isoformat(), verbosity=0)
    assert TierHistory.objects.filter(as_of__lte=BEFORE).exclude(from_tier="").exclude(from_tier=F("to_tier")).exists()
    run_night(Branch.objects.get(), AS_OF)
    assert JobRun.objects.get(name="night").state == JobRun.State.DONE
    tonight = TierHistory.objects.filter(as_of=AS_OF).exclude(from_tier=F("to_tier")).exclude(from_tier="")
    told = Signal.objects.filter(rule__code="tier_change").values_list("client_id", flat=True)
    assert set(told) <= set(tonight.values_list("client_id", flat=True))
