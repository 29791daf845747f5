"""Whom a complaint names is kept from what other apps had given him because of it, at once.

Those apps are strangers to this one: an app that has something to take back says so by `keep_from_named` in its
AppConfig, as it does for the audit book by `audit_hidden`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.apps import apps

from complaints.models import Complaint
from office.models import Employee


def take_back(complaint: Complaint, people: Sequence[Employee], *, by: Employee | None, at: datetime) -> str:
    """Let every app take from `people`, named already, what the complaint or its client gave them, and say what.

    Part of the caller's transaction: nobody is named and still sees what was his. Returns "" if there was nothing.
    """
    if not people or complaint.client is None:
        return ""
    told: list[str] = []
    for config in apps.get_app_configs():
        if hasattr(config, "keep_from_named"):
            told += config.keep_from_named(complaint, people, by=by, at=at)
    return "；".join(told)
