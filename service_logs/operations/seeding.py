"""The catalogue and the house's policy, put into their tables from the code that holds them."""

from django.db import transaction

from service_logs.models import Rule, ServicePolicy
from service_logs.rules.catalogue import CATALOGUE
from service_logs.rules.policy import HOUSE, Terms


@transaction.atomic
def seed_catalogue() -> None:
    """Bring the rules and the house's policy to the state of the code; what branches set of their own stays."""
    rows = [Rule(number=entry.number, **entry.as_row()) for entry in CATALOGUE]
    Rule.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["number"], update_fields=list(CATALOGUE[0].as_row())
    )
    held = {row.key: row for row in ServicePolicy.objects.filter(branch=None)}
    for terms in HOUSE:
        row = held.get(terms.key) or ServicePolicy(branch=None)
        for name, value in policy_fields(terms).items():
            setattr(row, name, value)
        row.save()


def policy_fields(terms: Terms) -> dict[str, object]:
    """Return the fields of a policy row from its terms."""
    return {
        "grade": terms.grade, "tier": terms.tier, "value_type": terms.value_type, "way": terms.way,
        "channel": terms.channel, "fallback": terms.fallback, "rhythm_days": terms.rhythm_days,
        "minutes": terms.minutes, "core_minutes": terms.core_minutes, "content": terms.content,
        "focus": terms.focus, "qualifying": list(terms.qualifying), "is_active": terms.is_active,
    }  # fmt: skip
