"""The hard rule by every address of the house: whom a complaint names meets neither its number, words nor caller."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile, is_zipfile

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from complaints import operations
from office.errors import DomainError
from office.models import Employee, Role
from tests.access.table import ACCESS
from tests.complaints.scene import CALLER, WORD, Scene, play
from tests.conftest import Cast, make_employee
from tests.keys import make_service_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
NAMED = [Role.CLIENT_MANAGER, Role.TEAM_LEADER, Role.MARKET_DIRECTOR, Role.BRANCH_MANAGER, Role.SERVICE_STAFF]
SPAN = {"state": "all", "since": "2026-01-01", "until": "2026-12-31", "year": "2026"}
PURPOSE = {"reason": "年度报送", "purpose": "年度报送"}
# Where a director who is not named meets one of the traces: what keeps them from the named is no closed door.
SHOWING = {
    *(f"complaints:{name}" for name in (
        "list", "board", "register", "export", "detail", "letter", "record", "acknowledged", "attachment", "show",
        "client_panel", "name", "finding_list", "finding_board", "finding_detail", "survey_sheet",
    )),
    *(f"service_logs:{name}" for name in ("task_list", "task_detail", "task_export", "client_panel", "client_next")),
    *(f"retention:{name}" for name in ("list", "export", "client_panel")), "today", "api:complaint_detail",
}  # fmt: skip
ONCE = {"retention:case_answer"}
OUT = {"office:logout", "api:nothing"}
CLOSED = (403, 404, 405)
HTMX = {"HX-Request": "true"}

# Whose id an address takes, first match first; every other one is filled as the access table fills it.
SUBJECTS: list[tuple[str, str]] = [
    (r"complaints:survey_(answer|refused|unreached)$", "invitation"),
    (r"complaints:survey_sheet$", "sheet"),
    (r"complaints:(survey_|forum_create)", "run"),
    (r"complaints:forum_detail$", ""),
    (r"complaints:finding_", "finding"),
    (r"complaints:attachment$", "paper"),
    (r"(complaints|retention|segmentation|service_logs):client_", "client"),
    (r"retention:case_answer$", ""),
    (r"retention:case_open_client$", "client"),
    (r"retention:(case_open$|request_(?!list|export))", "request"),
    (r"retention:case_", "case"),
    (r"service_logs:visit_(detail|record|tried|assign|recording)$", "visit"),
    (r"clients:(detail|edit|preferences|unmask)$", "client"),
    (r"segmentation:(tier_override|tier_override_end|change_create|wish)$", "client"),
    (r"retention:desk_client$", "client"),
    (r"complaints:", "complaint"),
    (r"service_logs:task_(detail|done)$", "task"),
    (r"office:staff_", "who"),
]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every route of the house with the names its address asks for, the back office apart."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in ("admin", "djdt"):
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                for name, asks in routes(pattern, space):
                    yield name, (*pattern.pattern.converters, *asks)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield prefix + pattern.name, tuple(pattern.pattern.converters)


ROUTES = {name: asks for name, asks in routes(get_resolver()) if name not in OUT}
FILLED = {row.route: row.kwargs for row in ACCESS if row.kwargs is not None}


def addresses(name: str, scene: Scene, cast: Cast) -> list[str]:
    """Return the addresses of a route that lead to what the scene holds."""
    asks = ROUTES[name]
    if not asks:
        return [reverse(name)]
    given: dict[str, Any] = {"no": scene.complaint.no, "client_no": cast.wu.client_no, "field": "phone"}
    if "pk" not in asks and set(asks) <= set(given):
        return [reverse(name, kwargs={key: given[key] for key in asks})]
    kind = next((kind for pattern, kind in SUBJECTS if re.match(pattern, name)), "")
    if kind and "pk" in asks:
        extra = {key: given[key] for key in asks if key != "pk"}
        return [reverse(name, kwargs={"pk": pk, **extra}) for pk in _ids(kind, scene, cast)]
    if name not in FILLED:  # tests/test_access.py asks for the line that is missing
        return []
    try:
        with transaction.atomic():
            return [reverse(name, kwargs=dict(FILLED[name](cast)))]
    except DomainError:  # the client of the scene has what the table would make: he may have it once
        assert name in ONCE
        return []


def _ids(kind: str, scene: Scene, cast: Cast) -> list[int]:
    many = {"complaint": [scene.complaint.pk, scene.of_survey.pk], "task": [task.pk for task in scene.tasks]}
    one = {
        "client": cast.wu.pk, "paper": scene.paper.pk, "run": scene.run.pk, "invitation": scene.invitation.pk,
        "sheet": scene.invitation.sheet_id or 0, "finding": scene.finding.pk, "who": scene.who.pk,
        "case": scene.case.pk, "request": scene.request.pk, "visit": scene.visit.pk,
    }  # fmt: skip
    return many.get(kind) or [one[kind]]


def answers(name: str, browser: Browser, scene: Scene, cast: Cast, **headers: str) -> Iterator[tuple[str, str]]:
    """Yield what one route says: asked plainly, as a part, with a search for the caller, and by a post."""
    for address in addresses(name, scene, cast):
        answer = browser.get(address, SPAN, headers=headers)
        yield "get", told(answer)
        if answer.status_code not in CLOSED:
            yield "part", told(browser.get(address, SPAN, headers={**headers, **HTMX}))
        yield "post", told(browser.post(f"{address}?{urlencode(SPAN)}", PURPOSE, headers=headers))
    if not ROUTES[name] and answer.status_code == 200:
        for query in (CALLER, scene.complaint.no):
            found = told(browser.get(reverse(name), {**SPAN, "q": query}, headers=headers))
            yield "search", found.replace(query, "")  # the box says again what was looked for


def told(answer: Any) -> str:
    """Return the text of an answer; of a workbook the text of all its parts."""
    streamed = getattr(answer, "streaming", False)
    body = b"".join(answer.streaming_content) if streamed else answer.content
    where = answer.get("Location", "")
    if is_zipfile(BytesIO(body)):
        book = ZipFile(BytesIO(body))
        body = b"".join(book.read(part) for part in book.namelist())
    return str(body.decode(errors="replace")) + str(where)


def met(browser: Browser, scene: Scene, cast: Cast, names: Iterable[str] = tuple(ROUTES), **headers: str) -> set[str]:
    """Return where one of the traces is met, as way, route and trace; what the calls wrote is forgotten again."""
    found = set()
    for name in names:
        with transaction.atomic():
            for way, text in answers(name, browser, scene, cast, **headers):
                found |= {f"{way} {name}: {trace}" for trace in scene.traces if trace in text}
            transaction.set_rollback(True)
    return found


def signed_in(who: Employee) -> Browser:
    browser = Browser()
    browser.force_login(who, backend="office.rights.RoleBackend")
    return browser


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.CRM_FILES_DIR = str(tmp_path)


@pytest.mark.parametrize("role", NAMED, ids=str)
def test_whom_a_complaint_names_meets_no_trace_of_it_by_any_route(cast: Cast, role: Role) -> None:
    who = make_employee("3001", "何名", cast.branch, role, team=cast.team)
    serves = role in (Role.CLIENT_MANAGER, Role.MARKET_DIRECTOR)
    assert met(signed_in(who), play(cast, who, serves=serves), cast) == set()


def test_the_walk_meets_the_traces_for_who_is_not_named(cast: Cast) -> None:
    scene = play(cast, make_employee("3001", "何名", cast.branch, Role.CLIENT_MANAGER, team=cast.team))
    found = met(signed_in(cast.zhao), scene, cast)
    assert {line.split()[1].rstrip(":") for line in found} >= SHOWING
    assert {line.split()[0] for line in found} == {"get", "part", "search", "post"}
    assert {line.rpartition(" ")[2] for line in found} == set(scene.traces)


def test_what_compliance_releases_is_met_and_nothing_of_the_other_complaint(cast: Cast) -> None:
    scene = play(cast, make_employee("3001", "何名", cast.branch, Role.CLIENT_MANAGER, team=cast.team))
    operations.release_words(scene.complaint, scene.who, reason="需当事人说明", by=cast.qian)
    scene.complaint.refresh_from_db()
    pages = ("complaints:list", "complaints:detail", "complaints:client_panel")
    found = met(signed_in(scene.who), scene, cast, pages)
    assert {f"get complaints:list: {scene.complaint.no}", f"get complaints:detail: {WORD}"} <= found
    assert not any(scene.of_survey.no in line for line in found)


def test_a_key_reads_no_words_and_that_of_the_named_nothing(cast: Cast) -> None:
    scene = play(cast, make_employee("3001", "何名", cast.branch, Role.BRANCH_MANAGER))
    names = [name for name in ROUTES if name.startswith("api:")]
    assert met(Browser(), scene, cast, names, **bearing(scene.who)) == set()
    found = met(Browser(), scene, cast, names, **bearing(cast.zhao))
    traces = {line.rpartition(" ")[2] for line in found}
    assert scene.complaint.no in traces
    assert not {WORD, CALLER} & traces


def bearing(maker: Employee) -> dict[str, str]:
    """Return the header of a key that `maker` made, with every scope."""
    return {"Authorization": f"Bearer {make_service_key(maker)[1]}"}
