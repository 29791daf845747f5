"""What every page knows: the day, the data date, the theme."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.http import HttpRequest
from django.utils import timezone

from office.dates import CalendarExhausted, TradingCalendar
from office.menu import link
from office.models import Branch
from office.queries import calendar

THEMES = "light", "dark"


@dataclass
class Shell:
    """The frame of one page; calendar and addresses are looked up only if the page shows them."""

    branch: Branch | None
    today: date
    theme: str

    @cached_property
    def _calendar(self) -> TradingCalendar | None:
        try:
            days = calendar(self.branch.calendar) if self.branch else None
        except CalendarExhausted:
            return None
        return days if days and days.first < self.today <= days.last else None

    @property
    def kind_of_day(self) -> str:
        """交易日, 工作日 (worked, not traded), 休息日; "" if the calendar does not reach today."""
        if self._calendar is None:
            return ""
        if self._calendar.is_trading(self.today):
            return "交易日"
        return "工作日" if self._calendar.is_working(self.today) else "休息日"

    @cached_property
    def days_late(self) -> int:
        """How many trading days the published data is behind the last one before today; 0 if none or unknown."""
        as_of = self.branch.data_as_of if self.branch else None
        if self._calendar is None or as_of is None or as_of < self._calendar.first:
            return 0
        expected = self._calendar.last_trading(self.today - timedelta(days=1))
        return max(self._calendar.trading_days_between(as_of, expected), 0)

    @property
    def routes(self) -> dict[str, str]:
        """The addresses the frame links to, "" for those this installation does not have."""
        names = {
            "search": "clients:list",
            "suggest": "clients:suggest",
            "night": "night_list",
            "notices": "office:notice_list",
            "password": "office:password_change",
            "logout": "office:logout",
            "contact": "service_logs:contact_create",
            "today": "today",
        }
        return {key: link(route) for key, route in names.items()}


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the context of the shell around each page."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    wanted = request.COOKIES.get("theme", "")
    theme = wanted if wanted in THEMES else THEMES[0]
    return {"shell": Shell(getattr(user, "branch", None) if signed_in else None, timezone.localdate(), theme)}
