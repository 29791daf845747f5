"""A real browser on a small town: the demonstration branch after its night, served to Chromium."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from office.models import Employee, Role
from office.operations.calendar import seed_calendar
from office.queries.days import forget_calendars

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
DAY = date(2026, 8, 21)
CLIENTS = 240
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


def chromium() -> str | None:
    """Return the machine's Chromium, the one CRM_CHROMIUM names first."""
    named = os.environ.get("CRM_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Town:
    """The served branch and who works there."""

    url: str
    browser: Browser
    screens: Path
    open_contexts: list[BrowserContext] = field(default_factory=list)

    def someone(self, role: Role) -> Employee:
        """Return the first employee in that post."""
        return Employee.objects.filter(roles__contains=[role], is_active=True).order_by("staff_no")[0]

    def page(self, role: Role | None, *, size: dict[str, int] = DESK, **options: Any) -> Watched:
        """Return a page signed in as somebody with that post, None for nobody."""
        context = self.browser.new_context(viewport=size, locale="zh-CN", **options)  # type: ignore[arg-type]  # a ViewportSize
        self.open_contexts.append(context)
        watched = Watched(context.new_page(), self)
        if role is not None:
            watched.sign_in(self.someone(role))
        return watched

    def close(self) -> None:
        """Close what the test opened."""
        while self.open_contexts:
            self.open_contexts.pop().close()


class Watched:
    """A page whose console and answers are watched: a script error or a blocked resource fails the test."""

    def __init__(self, page: Page, town: Town) -> None:
        self.page, self.town = page, town
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, employee: Employee) -> None:
        """Sign in through the form."""
        self.go("/login/")
        self.page.fill("input[name=username]", employee.staff_no)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form button[type=submit]")
        self.page.wait_for_load_state()

    def go(self, path: str) -> int:
        """Open an address of the town and return its status."""
        response = self.page.goto(f"{self.town.url}{path}")
        assert response is not None
        return response.status

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def shoot(self, name: str) -> None:
        """Keep a picture for people to look at (tests/screens, not in the repository)."""
        self.town.screens.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self.town.screens / f"{name}.png"), full_page=False)


PASSWORD = "Branch-2026-pass"


@pytest.fixture(scope="module")
def _served(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """Load the town once per file, serve it, and empty the tables afterwards."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (scripts/browser installs it where it may)")
    with django_db_blocker.unblock():
        seed_calendar()
        forget_calendars()
        call_command("demo", "--clients", str(CLIENTS), "--date", DAY.isoformat(), stdout=io.StringIO())
        call_command("night", "--date", DAY.isoformat(), "--json", stdout=io.StringIO())
        for employee in Employee.objects.all():
            employee.set_password(PASSWORD)
            employee.save(update_fields=["password"])
        server = LiveServer("127.0.0.1")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
            yield Town(server.url, browser, Path(__file__).parent.parent / "screens")
            browser.close()
        server.stop()
        call_command("flush", interactive=False, verbosity=0)
        connection.close()


@pytest.fixture
def town(_served: Town, django_db_blocker: Any) -> Iterator[Town]:
    """The town, with every page a test opened closed after it."""
    with django_db_blocker.unblock():
        yield _served
    _served.close()
