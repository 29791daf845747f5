"""What the demonstration tells of who wanted to leave: cases, responses, drills, accounts elsewhere, grievances."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command

from clients.models import ChannelPreference, Client
from retention.models import Drill, Grievance, OtherAccount, ResponseNote, RetentionCase
from retention.rules.scene import leads_back

pytestmark = pytest.mark.usefixtures("calendar")
AS_OF = date(2026, 8, 21)


def test_the_branch_learnt_of_those_who_wanted_to_leave(db: None) -> None:
    call_command("demo", "--clients", "100", "--date", AS_OF.isoformat(), verbosity=0)
    ended = Counter(RetentionCase.objects.filter(state="closed").values_list("outcome", flat=True))
    assert set(ended) == {"kept", "partly", "left", "refused_talk"}
    assert ResponseNote.objects.count() == 6
    assert Counter(Drill.objects.values_list("state", flat=True)) == {"held": 2, "planned": 2}
    assert Drill.objects.filter(state="planned", planned_on__lt=AS_OF).count() == 1  # missed
    names = list(Client.objects.values_list("name", flat=True))
    assert not any(leads_back(str(drill.scene), names) for drill in Drill.objects.all())
    assert OtherAccount.objects.filter(assets_fen=None).exists()
    assert not OtherAccount.objects.filter(is_agreed=False).exclude(source="transfer").exists()
    assert {row.closed_at is None for row in Grievance.objects.all()} == {True, False}
    told = RetentionCase.objects.count()
    call_command("demo", "--clients", "100", "--date", AS_OF.isoformat(), verbosity=0)
    assert (RetentionCase.objects.count(), Drill.objects.count()) == (told, 4)


def test_some_of_those_who_left_said_how_they_may_be_reached(db: None) -> None:
    call_command("demo", "--clients", "300", "--date", AS_OF.isoformat(), verbosity=0)
    wishes = ChannelPreference.objects.filter(client__status="closed", source="销户时填写")
    assert set(wishes.values_list("state", flat=True)) <= {"granted", "denied"}
    assert wishes.filter(state="granted").exists()
