"""What the directors are told of a night: a line behind the bell and a mail with the figures."""

from __future__ import annotations

import logging
import sys
from datetime import date
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from branchcrm.words import OUTCOME_SENTENCES, OUTCOMES
from office.jobs import claimed
from office.models import Branch, Employee, JobRun, Role
from office.operations.notices import notify

TOLD = [Role.BRANCH_MANAGER, Role.MARKET_DIRECTOR, Role.OPERATIONS_DIRECTOR]
logger = logging.getLogger(__name__)


def tell_directors(branch: Branch, day: date, edition: int) -> None:
    """Tell the directors of the branch how the night ended, once per ending however often this is called."""
    run = JobRun.objects.filter(name="night", branch=branch, as_of=day, edition=edition).first()
    if run is None or (outcome := outcome_of(run)) not in OUTCOMES:
        return
    with claimed(f"report.{outcome}", day, branch, edition=edition) as ledger:
        if ledger is None:
            return
        people = list(Employee.objects.filter(branch=branch, is_active=True, roles__overlap=TOLD).order_by("staff_no"))
        title = f"夜间作业 {day.month}月{day.day}日：{OUTCOMES[outcome]}"
        key = f"night:{branch.code}:{day}:{edition}:{outcome}"
        ledger.seen = ledger.expected = len(people)
        ledger.changed = notify(
            people, key, f"{title}。{OUTCOME_SENTENCES[outcome]}", reverse("night_detail", args=[run.pk])
        )
        addresses = [person.email for person in people if person.email]
        ledger.skipped["没有邮箱"] = len(people) - len(addresses)
        if addresses and not _mail(addresses, f"{branch.name} {title}", _letter(branch, run)):
            ledger.skipped["邮件未能发出"] = len(addresses)


def outcome_of(run: JobRun) -> str:
    """Return how a night ended as a key of OUTCOMES, "" while it has not."""
    outcome = str(run.detail.get("outcome", ""))
    return "failed" if run.state == JobRun.State.FAILED and outcome != "refused" else outcome


def _letter(branch: Branch, run: JobRun) -> str:
    steps = JobRun.objects.filter(name__startswith="night.", branch=branch, as_of=run.as_of, edition=run.edition)
    counts = {step.name.removeprefix("night."): step.rows_changed for step in steps}
    context: dict[str, Any] = {
        "branch": branch,
        "run": run,
        "outcome": outcome_of(run),
        "sentence": OUTCOME_SENTENCES[outcome_of(run)],
        "figures": run.detail.get("figures", {}),
        "counts": counts,
        "closed": [gate for gate in run.detail.get("gates", []) if not gate["passed"]],
        "missing": run.detail.get("missing", []),
    }
    return render_to_string("branchcrm/night_report.txt", context)


def _mail(addresses: list[str], subject: str, text: str) -> bool:
    """Send one letter; a mail server that is away keeps no branch from opening."""
    try:
        # A mail written to the console goes where it does not mix with what a command prints.
        EmailMessage(subject, text, to=[], bcc=addresses, connection=get_connection(stream=sys.stderr)).send()
    except (SMTPException, OSError):
        logger.exception("night report not sent")
        return False
    return True
