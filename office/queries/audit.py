"""The audit book as it is read."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from office.models import AuditEntry, Employee, Skill

PAGE_ROWS = 50
EXPORT_ROWS = 50_000
LISTED = 8  # members of a list that are shown
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*\+08:00$")  # a time as record() keeps it


def action_words() -> dict[str, str]:
    """Return what every known action is called; each app names its own in `AppConfig.audit_words`."""
    words: dict[str, str] = {}
    for config in apps.get_app_configs():
        words |= getattr(config, "audit_words", {})
    return dict(sorted(words.items()))


def audit_of(subject: Model) -> list[AuditEntry]:
    """Return what was done to one record, the latest first, each with `said` in words; components/audit_list.html."""
    words = action_words()
    rows = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    entries = list(rows.order_by("-at", "-pk"))
    for entry in entries:
        entry.said = words.get(entry.action, entry.action)
    return entries


def audit_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    """Return the entries of the branch that the cleaned AuditFilter `wanted` asks for, newest first."""
    rows = AuditEntry.objects.all() if user.is_superuser else AuditEntry.objects.filter(branch_id=user.branch_id or 0)
    rows = rows.exclude(hidden_entries(user))
    if wanted.get("actor"):
        rows = rows.filter(Q(actor_name__icontains=wanted["actor"]) | Q(actor__staff_no=wanted["actor"]))
    if wanted.get("action"):
        rows = rows.filter(action=wanted["action"])
    if wanted.get("subject"):
        rows = rows.filter(Q(subject_label__icontains=wanted["subject"]) | Q(subject_id=wanted["subject"]))
    if wanted.get("since"):
        rows = rows.filter(at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        rows = rows.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return rows.order_by("-at", "-pk")


def hidden_entries(user: Employee) -> Q:
    """Return the entries that are kept from `user` whom they concern; each app names its own in `audit_hidden`."""
    hidden = Q(pk__in=[])
    for config in apps.get_app_configs():
        if hasattr(config, "audit_hidden"):
            hidden |= config.audit_hidden(user)
    return hidden


def subject_words() -> dict[str, str]:
    """Return what every table is called, by its label ("clients.client")."""
    return {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return (what, before, after) in words for every value an entry tells."""
    before = entry.before if isinstance(entry.before, dict) else {"": entry.before}
    after = entry.after if isinstance(entry.after, dict) else {"": entry.after}
    names = [name for name in {**before, **after} if before.get(name) is not None or after.get(name) is not None]
    labels = _field_words(entry.subject_type)
    choices = _choices(entry.subject_type) | {"field": labels, "fields": labels}

    def said(values: dict[str, Any], name: str) -> str:
        return _said(values.get(name), choices.get(name, {}), labels)

    return [(labels.get(name, name), said(before, name), said(after, name)) for name in names]


def _field_words(subject_type: str) -> dict[str, str]:
    """Return the words of a table's fields and of what apps tell besides (`AppConfig.audit_fields`).

    A link to another table without words of its own is called like that table.
    """
    words: dict[str, str] = {}
    for config in apps.get_app_configs():
        words |= getattr(config, "audit_fields", {})
    unnamed: dict[str, str] = {}
    app, _, model = subject_type.partition(".")
    tables = apps.all_models.get(app, {})
    known = [table for name, table in tables.items() if name != model] + [
        tables[name] for name in [model] if name in tables
    ]
    for table in known:  # the subject itself last: its own words win
        for field in table._meta.concrete_fields:
            if str(field.verbose_name) != field.name.replace("_", " "):
                words[field.name] = str(field.verbose_name)
            elif field.related_model:
                unnamed[field.name] = str(field.related_model._meta.verbose_name)
    return unnamed | words | {skill.value: str(skill.label) for skill in Skill}


def _choices(subject_type: str) -> dict[str, dict[Any, str]]:
    """Return what the choices of a table's fields are called, by field and stored value."""
    app, _, model = subject_type.partition(".")
    table = apps.all_models.get(app, {}).get(model)
    fields = table._meta.concrete_fields if table else ()
    return {field.name: dict(getattr(field, "base_field", field).flatchoices) for field in fields}


def _said(value: Any, choices: dict[Any, str], labels: dict[str, str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        listed = "、".join(_said(each, choices, labels) for each in value[:LISTED])
        return f"{listed} …" if len(value) > LISTED else listed
    if isinstance(value, dict):
        shown = list(value.items())[:LISTED]
        return "，".join(f"{labels.get(name, name)} {_said(each, {}, labels)}" for name, each in shown)
    if isinstance(value, str) and MOMENT.match(value):
        return f"{value[:10]} {value[11:16]}"
    return str(choices.get(value, value))


def last_entry(subject: Model, action: str) -> AuditEntry | None:
    """Return the latest entry of one action on one record."""
    rows = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk), action=action)
    return rows.order_by("-at", "-pk").first()


def audit_page(rows: QuerySet[AuditEntry], after: str) -> tuple[list[AuditEntry], str]:
    """Return one page of `rows` behind the key `after` ("" for the first) and the key of the next page, "" for none.

    A key is "time_id" of the last row shown; one that cannot be read counts as the first page.
    """
    at, _, pk = after.partition("_")
    try:
        moment, last = datetime.fromisoformat(at), int(pk)
    except ValueError:
        pass
    else:
        rows = rows.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=last))
    page = list(rows[: PAGE_ROWS + 1])
    if len(page) <= PAGE_ROWS:
        return page, ""
    last_row = page[PAGE_ROWS - 1]
    return page[:PAGE_ROWS], f"{last_row.at.isoformat()}_{last_row.pk}"


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(0), timezone.get_default_timezone())
