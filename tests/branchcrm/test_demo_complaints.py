"""The complaints of the demonstration: in every state, through the usual doors, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command

from branchcrm.demo.complaints import scenes
from branchcrm.demo.scale import Scale
from complaints.models import Category, Complaint, State, Step
from complaints.queries.scope import party_ids

pytestmark = pytest.mark.usefixtures("calendar")
AS_OF = date(2026, 8, 21)


def test_forty_scenes_come_in_order_and_are_the_same_again() -> None:
    made = scenes(Scale(AS_OF, 60).random("grievances", 6601))
    assert made == scenes(Scale(AS_OF, 60).random("grievances", 6601))
    assert len(made) == 40
    assert [one.days_ago for one in made] == sorted((one.days_ago for one in made), reverse=True)


def test_the_branch_has_complaints_in_every_state_and_category(db: None) -> None:
    call_command("demo", "--clients", "60", "--date", AS_OF.isoformat(), verbosity=0)
    told = list(Complaint.objects.order_by("received_at"))
    assert Counter(one.state for one in told).keys() == set(State.values)
    assert {one.category for one in told} == set(Category.values)
    assert len(told) == 40
    assert all(one.received_at.date() <= AS_OF for one in told)
    assert not Step.objects.filter(at__date__gt=AS_OF).exists()
    assert any(one.client_id is None for one in told)
    assert any(one.outcome == "refused" and "12386" in one.appeal_text for one in told)
    named = [one for one in told if party_ids(one)]
    assert named
    assert all(one.handler_id not in party_ids(one) for one in named)
