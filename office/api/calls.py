"""The book of calls: one line each, written by one statement when the answer is ready."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_429_TOO_MANY_REQUESTS

from office.api.throttles import STRANGER_LIMIT, calls_in_window
from office.models import Employee, ServiceKey
from office.statements import write_unwaited

NAMED = 50  # records named in one line
LINE = """
INSERT INTO office_apicall (at, key_id, employee_id, method, route, status, milliseconds, subjects, address)
VALUES (%(at)s, %(key)s, %(employee)s, %(method)s, %(route)s, %(status)s, %(milliseconds)s, %(subjects)s::text[],
        %(address)s::inet)
"""


def write_down(request: Request, response: Response, started: float, subjects: Iterable[str]) -> None:
    """Write who called what with which outcome; strangers and who calls too often fill so many lines a minute."""
    user: Any = request.user if request.successful_authenticator else None
    address = request.META.get("REMOTE_ADDR") or None
    if user is None and calls_in_window(f"stranger{address}", time.time()) > STRANGER_LIMIT:
        return
    slowed = response.status_code == HTTP_429_TOO_MANY_REQUESTS
    if slowed and calls_in_window(f"slowed{type(user).__name__}{user.pk}", time.time()) > STRANGER_LIMIT:
        return
    match = request.resolver_match
    line = {
        "at": timezone.now(),
        "key": user.pk if isinstance(user, ServiceKey) else None,
        "employee": user.pk if isinstance(user, Employee) else None,
        "method": (request.method or "")[:8],
        "route": (match.view_name if match else "")[:60],
        "status": response.status_code,
        "milliseconds": round((time.monotonic() - started) * 1000),
        "subjects": [subject[:64] for subject in list(subjects)[:NAMED]],
        "address": address,
    }
    with connection.cursor() as cursor:
        write_unwaited(cursor, LINE, line)
