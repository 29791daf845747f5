"""The house's time limits, put into their table from the code that holds them."""

from django.db import transaction

from complaints.models import ClockSetting
from complaints.rules.clocks import DEFAULTS


@transaction.atomic
def seed_limits() -> None:
    """Bring the defaults to the state of the code; what branches set of their own stays."""
    rows = [
        ClockSetting(step=one.step, amount=one.amount, unit=one.unit, source=one.source, certainty=one.certainty)
        for one in DEFAULTS
    ]
    ClockSetting.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["branch", "step"],
        update_fields=["amount", "unit", "source", "certainty"],
    )
