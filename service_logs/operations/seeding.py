"""The catalogue, the house's policy and its scripts, put into their tables from the code that holds them."""

from django.db import transaction

from service_logs.models import Rule, Script, ServicePolicy
from service_logs.rules.catalogue import CATALOGUE
from service_logs.rules.policy import HOUSE, Terms
from service_logs.rules.scripts import SCRIPTS, Text


@transaction.atomic
def seed_catalogue() -> None:
    """Bring rules, policy and scripts of the house to the state of the code; what branches set of their own stays."""
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
    _seed_scripts()


def policy_fields(terms: Terms) -> dict[str, object]:
    """Return the fields of a policy row from its terms."""
    return {
        "grade": terms.grade, "tier": terms.tier, "value_type": terms.value_type, "way": terms.way,
        "channel": terms.channel, "fallback": terms.fallback, "rhythm_days": terms.rhythm_days,
        "minutes": terms.minutes, "core_minutes": terms.core_minutes, "content": terms.content,
        "focus": terms.focus, "qualifying": list(terms.qualifying), "is_active": terms.is_active,
    }  # fmt: skip


SCENES = {"return_visit": Script.Scene.VISIT}  # the other keys begin with the name of their scene


def _seed_scripts() -> None:
    """Add a version where the code says something new; what an older one said stays readable, out of use."""
    held = {row.key: row for row in Script.objects.filter(branch=None).order_by("version")}
    told = {text.key: script_fields(text) for text in SCRIPTS}
    outdated = [row.pk for row in held.values() if not _says(row, told.get(row.key))]
    Script.objects.filter(pk__in=outdated).update(state=Script.State.RETIRED)
    Script.objects.bulk_create(
        Script(state=Script.State.APPROVED, version=held[key].version + 1 if key in held else 1, **fields)
        for key, fields in told.items()
        if key not in held or not _says(held[key], fields)
    )


def _says(row: Script, fields: dict[str, str] | None) -> bool:
    """Whether a row is in force with these very fields."""
    is_same = fields is not None and all(getattr(row, name) == value for name, value in fields.items())
    return is_same and row.state == Script.State.APPROVED


def script_fields(text: Text) -> dict[str, str]:
    """Return the fields of a script's row from its text."""
    return {
        "key": text.key, "scene": SCENES.get(text.scene, text.scene), "stage": text.stage, "title": text.title,
        "text": text.text, "questions": "\n".join(text.questions), "avoid": "\n".join(text.avoid),
    }  # fmt: skip
