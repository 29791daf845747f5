"""One branch's managers and book, read into the arrays of segmentation.allocation."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.db.models import Max

from clients.models import ClientStanding
from office.eligibility import Hindrance, Post, hindrance
from office.models import SERVING_ROLES, Branch, Capacity, Employee, EmployeeSkill, Leave, Registration, Skill
from office.statements import joined_by_hash
from segmentation.allocation.book import NOBODY, Book, Managers
from segmentation.allocation.suggestions import suggested
from segmentation.fit import Bools, ClientTraits, Floats
from segmentation.models import ClientSuggestion, ManagerWish, SuitedKinds
from service_logs.queries import neglected_client_ids, reached_counts

SKILLS: list[str] = [str(skill) for skill in Skill.values]
FROZEN_DAYS = 180  # calendar days after a change of manager
DEFAULT_MINUTES, DEFAULT_CLIENTS = 1200, 600  # of a manager without a capacity row: the model's own defaults

# Whole tables summed first and joined once: looked up client by client it takes minutes while the planner has
# not yet counted a branch that was just loaded.
BOOK_SQL = """
WITH relation AS MATERIALIZED (
    SELECT client_id, max(starts_on) FILTER (WHERE role IN ('main', 'interim')) AS latest, min(ends_on) AS first_end,
           bool_or(ends_on IS NULL AND role = 'interim') AS is_interim
    FROM clients_serviceassignment
    WHERE client_id = ANY(ARRAY(SELECT client_id FROM clients_clientstanding WHERE branch_id = %(branch)s))
    GROUP BY client_id
), margin AS MATERIALIZED (
    SELECT DISTINCT client_id FROM clients_account
    WHERE branch_id = %(branch)s AND kind = 'credit' AND closed_on IS NULL
)
SELECT s.client_id, c.client_no, s.manager_id, s.tier, s.grade, s.value_type, s.value, s.is_core,
       c.risk_level, c.birth_date, c.opened_on, c.kind <> 'person' AS is_institution,
       m.client_id IS NOT NULL AS has_margin,
       EXISTS (SELECT 1 FROM segmentation_managerwish w
               WHERE w.client_id = s.client_id AND w.kind = 'stay' AND w.employee_id = s.manager_id) AS asked_to_stay,
       coalesce(r.is_interim, false) AS is_interim, CASE WHEN r.latest >= r.first_end THEN r.latest END AS changed_on
FROM clients_clientstanding s
JOIN clients_client c ON c.id = s.client_id AND c.branch_id = %(branch)s
LEFT JOIN relation r ON r.client_id = s.client_id
LEFT JOIN margin m ON m.client_id = s.client_id
WHERE s.branch_id = %(branch)s AND NOT s.is_closed
ORDER BY c.client_no
"""


def posts(branch: Branch, on: date) -> dict[int, Post]:
    """Return what the eligibility rule needs to know of everybody who serves, or did, at the branch."""
    leaves = {
        leave.employee_id: (leave.ends_on - leave.starts_on).days + 1
        for leave in Leave.objects.filter(employee__branch=branch, starts_on__lte=on, ends_on__gte=on)
    }
    return {
        person.pk: Post(
            is_active=person.is_active,
            left_on=person.left_on,
            is_serving=person.has_role(*SERVING_ROLES),
            is_registered=_may_serve(person, on),
            leave_days=leaves.get(person.pk, 0),
        )
        for person in Employee.objects.filter(branch=branch)
    }


def eligible_managers(branch: Branch, on: date) -> dict[int, Hindrance | None]:
    """Return for every employee of the branch what keeps him from being given clients, None if nothing does."""
    return {pk: hindrance(post, on) for pk, post in posts(branch, on).items()}


def _may_serve(person: Employee, on: date) -> bool:
    valid = person.registration_valid_to is None or person.registration_valid_to >= on
    return person.registration not in (Registration.NONE, Registration.ANALYST) and valid


def managers(branch: Branch, on: date) -> Managers:
    """Return the people who serve or own clients at the branch, in the order of their staff numbers."""
    hindered = eligible_managers(branch, on)
    book = ClientStanding.objects.filter(branch=branch, is_closed=False)
    owners = set(book.order_by().values_list("manager_id", flat=True).distinct())
    people = [
        person
        for person in Employee.objects.filter(branch=branch).order_by("staff_no")
        if hindered[person.pk] is None or person.pk in owners
    ]
    room = capacities(branch, on)
    levels = np.zeros((len(people), len(SKILLS)))
    row = {person.pk: index for index, person in enumerate(people)}
    for skill in EmployeeSkill.objects.filter(employee__in=people):
        levels[row[skill.employee_id], SKILLS.index(skill.skill)] = skill.level
    free = np.array([hindered[person.pk] is None for person in people], dtype=bool)
    return Managers(
        ids=np.array([person.pk for person in people], dtype=np.int64),
        capacity_minutes=np.array([room.get(p.pk, (DEFAULT_MINUTES, 0))[0] for p in people], dtype=float) * free,
        max_clients=np.array([room.get(p.pk, (0, DEFAULT_CLIENTS))[1] for p in people], dtype=np.int64),
        levels=levels,
        is_adviser=np.array([p.is_registered(Registration.ADVISER, on) for p in people], dtype=bool),
        can_take=free,
        can_keep=free,
    )


def capacities(branch: Branch, on: date) -> dict[int, tuple[float, int]]:
    """Return weekly minutes after the reserve and the most clients of everybody who has a capacity on that day."""
    latest = (
        Capacity.objects.filter(employee__branch=branch, valid_from__lte=on)
        .values("employee")
        .annotate(latest=Max("valid_from"))
    )
    valid = {row["employee"]: row["latest"] for row in latest}
    rows = Capacity.objects.filter(employee__in=valid, valid_from__in=set(valid.values()))
    return {
        row.employee_id: (row.minutes_per_week * float(1 - row.reserved_ratio), row.max_clients)
        for row in rows
        if valid[row.employee_id] == row.valid_from
    }


def book(branch: Branch, on: date, people: Managers) -> Book:
    """Return the open clients of the branch, in the order of their client numbers."""
    with transaction.atomic(), connection.cursor() as cursor, joined_by_hash(cursor):
        cursor.execute(BOOK_SQL, {"branch": branch.pk})
        names = [column[0] for column in cursor.description or ()]
        frame = pd.DataFrame.from_records(cursor.fetchall(), columns=names)
    column = {pk: index for index, pk in enumerate(people.ids.tolist())}
    since = _days_since(frame["changed_on"], on)
    ids = frame["client_id"].to_numpy(dtype=np.int64)
    asked = frame["asked_to_stay"].to_numpy(dtype=bool)
    traits = _traits(frame, on)
    return Book(
        ids=ids,
        client_no=frame["client_no"].to_numpy(dtype=str),
        current=frame["manager_id"].map(column).fillna(NOBODY).to_numpy(dtype=np.int64),
        is_interim=frame["is_interim"].to_numpy(dtype=bool),
        traits=traits,
        value=frame["value"].to_numpy(dtype=float),
        is_core=frame["is_core"].to_numpy(dtype=bool),
        is_frozen=asked | (since < FROZEN_DAYS),
        is_neglected=np.isin(ids, list(neglected_client_ids(branch, on))),
        days_since_change=since,
        reached=_reached(branch, on, ids, column),
        refused=_refused(branch, ids, column),
        suggested=_suggested(branch, traits, ids, column),
    )


def _days_since(changed_on: "pd.Series[Any]", on: date) -> Floats:
    days = (pd.Timestamp(on) - pd.to_datetime(changed_on)).dt.days
    return np.asarray(np.nan_to_num(days.to_numpy(dtype=np.float64), nan=np.inf))


def _traits(frame: pd.DataFrame, on: date) -> ClientTraits:
    def years(name: str) -> Floats:
        days = (pd.Timestamp(on) - pd.to_datetime(frame[name])).dt.days
        return days.to_numpy(dtype=float) / 365.25

    return ClientTraits(
        value_type=frame["value_type"].to_numpy(dtype=str),
        grade=frame["grade"].to_numpy(dtype=str),
        tier=frame["tier"].to_numpy(dtype=str),
        risk_level=frame["risk_level"].to_numpy(dtype=str),
        age_years=years("birth_date"),
        years_since_opening=years("opened_on"),
        is_institution=frame["is_institution"].to_numpy(dtype=bool),
        has_margin=frame["has_margin"].to_numpy(dtype=bool),
    )


def _reached(branch: Branch, on: date, ids: np.ndarray, column: dict[int, int]) -> Floats:
    counts = np.zeros((len(ids), len(column)))
    row = {pk: index for index, pk in enumerate(ids.tolist())}
    for client_id, author_id, count in reached_counts(branch, on - timedelta(days=365), on):
        if client_id in row and author_id in column:
            counts[row[client_id], column[author_id]] = count
    return counts


def _refused(branch: Branch, ids: np.ndarray, column: dict[int, int]) -> Bools:
    refused = np.zeros((len(ids), len(column)), dtype=bool)
    row = {pk: index for index, pk in enumerate(ids.tolist())}
    wishes = ManagerWish.objects.filter(client__branch=branch, kind=ManagerWish.Kind.REFUSE)
    for client_id, employee_id in wishes.values_list("client_id", "employee_id"):
        if client_id in row and employee_id in column:
            refused[row[client_id], column[employee_id]] = True
    return refused


def _suggested(branch: Branch, traits: ClientTraits, ids: np.ndarray, column: dict[int, int]) -> Floats | None:
    """Return what the managers suggest themselves (MGR-03), None if nobody does."""
    kinds = dict(SuitedKinds.objects.filter(employee__in=column).values_list("employee", "kinds"))
    by_name = ClientSuggestion.objects.filter(branch=branch).values_list("client_id", "employee_id", "kind")
    named = list(by_name)
    if not named and not any(kinds.values()):
        return None
    row = {pk: index for index, pk in enumerate(ids.tolist())}
    said = {kind: np.zeros((len(ids), len(column)), dtype=bool) for kind in ClientSuggestion.Kind.values}
    for client_id, employee_id, kind in named:
        if client_id in row and employee_id in column:
            said[kind][row[client_id], column[employee_id]] = True
    return suggested(traits, [kinds.get(pk, []) for pk in column], said["want"], said["release"])
