"""What a person does in the town: a browser window, signed in, whose console is watched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.town import Town

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
# Staff numbers of the demonstration: who holds which post there.
HEAD, DIRECTOR, LEADER, MANAGER, COMPLIANCE, ADMIN = "660101", "660102", "660104", "660106", "660113", "660114"
PATIENCE_MS = 30_000  # the machine may be busy with the rest of the suite
SCREENS = Path(__file__).parent.parent / "screens"  # not in the repository
SETTLED = "() => document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-settling')"


class Visit:
    """A page of one person. What the console complains of is kept; a refusal the test waits for is `expected`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        self.expected: tuple[int, ...] = ()
        page.on("console", lambda said: self._hear(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._hear(str(error)))

    def _hear(self, text: str) -> None:
        if not any(f"status of {status}" in text for status in self.expected):
            self.complaints.append(f"{self.page.url}: {text}")

    def go(self, path: str) -> int:
        """Open an address and wait until its parts are there; return its status."""
        response = self.page.goto(f"{self.url}{path}")
        assert response is not None
        self.settle()
        return response.status

    def settle(self) -> None:
        """Wait until nothing is being loaded."""
        self.page.wait_for_load_state()
        self.page.wait_for_function(SETTLED)

    def click(self, what: str | Locator) -> None:
        """Click on a link or button by its words, or on what is given, and wait for what comes of it."""
        found = self.button(what) if isinstance(what, str) else what
        found.click()
        self.settle()

    def button(self, words: str) -> Locator:
        """Return the first visible link or button with these words."""
        return self.page.locator("a, button, summary").filter(has_text=words, visible=True).first

    def sees(self, words: str) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("body")).to_contain_text(words)

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def shoot(self, name: str) -> None:
        """Keep a picture for people to look at."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENS / f"{name}.png"), caret="initial")  # hiding it breaks the CSP


class Street:
    """Opens windows on the town; each person signs in once."""

    def __init__(self, town: Town, browser: Browser) -> None:
        self.town, self.browser = town, browser
        self.passes: dict[str, Any] = {}
        self.contexts: list[BrowserContext] = []
        self.visits: list[Visit] = []

    def visit(self, staff_no: str | None, *, size: dict[str, int] = DESK, **options: Any) -> Visit:
        """Return a window signed in as that person, None for nobody."""
        if staff_no is not None:
            options["storage_state"] = self.passes.get(staff_no) or self._sign_in(staff_no)
        return self._open(size, **options)

    def leave(self) -> None:
        """Close every window; fail if a console complained."""
        while self.contexts:
            self.contexts.pop().close()
        complaints = [said for visit in self.visits for said in visit.complaints]
        self.visits.clear()
        assert not complaints, "\n".join(complaints)

    def _open(self, size: dict[str, int], **options: Any) -> Visit:
        context = self.browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type]  # a ViewportSize
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        self.visits.append(Visit(context.new_page(), self.town.url))
        return self.visits[-1]

    def _sign_in(self, staff_no: str) -> Any:
        visit = self._open(DESK)
        visit.go("/login/")
        visit.page.fill("input[name=username]", staff_no)
        visit.page.fill("input[name=password]", self.town.password)
        visit.click("登录")
        self.passes[staff_no] = self.contexts[-1].storage_state()
        return self.passes[staff_no]
