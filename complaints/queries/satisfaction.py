"""Satisfaction by run, manager and team, out of the cells its viewer is shown (rules.satisfaction)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from clients.models import AnswerSheet, Questionnaire, Topic
from complaints.models import Invitation, SurveyRun
from complaints.rules.satisfaction import SATISFIED_FROM, SMALLEST, Cell, Figure, figure, open_cells
from office.models import Employee
from office.rights import Reach, reach

NOBODY = "营业部统一服务"
NO_TEAM = "不属于团队"
TOPICS = """
SELECT t.key, count(*), avg(t.value::float)
FROM complaints_invitation i JOIN clients_answersheet s ON s.id = i.sheet_id, jsonb_each_text(s.topics) t
WHERE i.run_id = %s AND coalesce(i.manager_id, 0) = ANY(%s) GROUP BY t.key
"""


@dataclass(frozen=True)
class Line:
    """One manager or team with the figure of the chosen runs."""

    label: str
    figure: Figure
    team: str = ""


@dataclass(frozen=True)
class RunLine:
    """One run with the figure of everything its viewer is shown of it."""

    run: SurveyRun
    figure: Figure


@dataclass(frozen=True)
class TopicLine:
    """One topic of one run: how many answered and the mean, 1 to 5."""

    label: str
    count: int
    mean: float


@dataclass
class Report:
    """What one viewer is shown: the sum, by team, by manager, by run; oldest run first."""

    total: Figure
    managers: list[Line] = field(default_factory=list)
    teams: list[Line] = field(default_factory=list)
    trend: list[RunLine] = field(default_factory=list)
    topics: list[TopicLine] = field(default_factory=list)
    run: SurveyRun | None = None  # the one chosen, None for all together
    is_own: bool = False


def runs_for(user: Employee) -> QuerySet[SurveyRun]:
    """Return the satisfaction runs of the branch of `user` that have begun, oldest first."""
    rows = SurveyRun.objects.filter(
        branch=user.branch_id or 0, questionnaire__purpose=Questionnaire.Purpose.SATISFACTION
    )
    return rows.exclude(state=SurveyRun.State.DRAFT).order_by("opens_on", "pk")


def shown_cells(user: Employee, runs: Sequence[SurveyRun], today: date) -> list[Cell]:
    """Return the cells of these runs that `user` is shown; every figure of every page is a sum of them."""
    far = reach(user)
    if far == Reach.NONE:
        return []
    serving = {user.pk}
    if far == Reach.TEAM and user.team_id is not None:
        serving |= set(Employee.objects.filter(team=user.team_id).values_list("pk", flat=True))
    cells = _cells(runs, today)
    return open_cells(cells, viewer_id=user.pk, whole_branch=far >= Reach.BRANCH, serving=frozenset(serving))


def report(user: Employee, today: date, run_id: int | None = None) -> Report:
    """Return what `user` is shown of the satisfaction of his branch; `run_id` chooses one run, an unknown one none.

    A run of which he is shown nothing does not appear at all. There is no other way to narrow it.
    """
    runs = list(runs_for(user))
    cells = shown_cells(user, runs, today)
    has_cells = {cell.run_id for cell in cells}
    runs = [run for run in runs if run.pk in has_cells]
    chosen = next((run for run in runs if run.pk == run_id), None)
    kept = [cell for cell in cells if chosen is None or cell.run_id == chosen.pk]
    found = Report(figure(kept), run=chosen, is_own=reach(user) < Reach.TEAM)
    found.trend = [RunLine(run, figure(_of_run(cells, run.pk))) for run in runs]
    found.managers, found.teams = _people(kept)
    latest = chosen or (runs[-1] if runs else None)
    if latest is not None:
        found.topics = topics(user, latest, _of_run(cells, latest.pk))
    return found


def topics(user: Employee, run: SurveyRun, cells: Iterable[Cell]) -> list[TopicLine]:
    """Return the means of the topics of a run over these cells; below the whole branch none of under five answers."""
    managers = [cell.manager_id or 0 for cell in cells]
    least = 1 if reach(user) >= Reach.BRANCH and user.pk not in managers else SMALLEST
    with connection.cursor() as cursor:
        cursor.execute(TOPICS, [run.pk, managers])
        rows = {key: (count, mean) for key, count, mean in cursor.fetchall()}
    labels = dict(Topic.choices)
    lines = [TopicLine(str(labels[key]), *rows[key]) for key in labels if key in rows]
    return [line for line in lines if line.count >= least]


def topic_mean(run: SurveyRun, topic: str, about: Employee | None = None) -> tuple[int, float]:
    """Return (answers, mean) of a topic in a run; of all of it where no question has that topic. (0, 0) if none."""
    rows = AnswerSheet.objects.filter(invitation__run=run, score__isnull=False)
    if about is not None:
        rows = rows.filter(about=about)
    pairs = list(rows.values_list("score", "topics"))
    scores = [held[topic] for _, held in pairs if topic in held] or [score for score, _ in pairs if score is not None]
    return len(scores), round(sum(scores) / len(scores), 2) if scores else 0.0


def _cells(runs: Sequence[SurveyRun], today: date) -> list[Cell]:
    over = {run.pk: run.is_over(today) for run in runs}
    rows = Invitation.objects.filter(run__in=runs, sheet__score__isnull=False).order_by("run", "manager")
    sums = rows.values_list("run", "manager").annotate(
        count=Count("pk"), satisfied=Count("pk", filter=Q(sheet__score__gte=SATISFIED_FROM)), total=Sum("sheet__score"),
        squares=Sum(F("sheet__score") * F("sheet__score")),
    )  # fmt: skip
    return [
        Cell(run, manager, count, satisfied, total, squares, over[run])
        for run, manager, count, satisfied, total, squares in sums
    ]


def _of_run(cells: Iterable[Cell], run_id: int) -> list[Cell]:
    return [cell for cell in cells if cell.run_id == run_id]


def _people(cells: Sequence[Cell]) -> tuple[list[Line], list[Line]]:
    ids = {cell.manager_id for cell in cells if cell.manager_id}
    known = {person.pk: person for person in Employee.objects.filter(pk__in=ids).select_related("team")}
    by_manager: dict[int | None, list[Cell]] = {}
    by_team: dict[str, list[Cell]] = {}
    for cell in cells:
        by_manager.setdefault(cell.manager_id, []).append(cell)
        by_team.setdefault(_team(known.get(cell.manager_id or 0)), []).append(cell)
    people = [
        Line(known[pk].name if pk else NOBODY, figure(rows), _team(known.get(pk or 0)))
        for pk, rows in by_manager.items()
    ]
    teams = [Line(name or NO_TEAM, figure(rows)) for name, rows in by_team.items()]
    return sorted(people, key=_order), sorted(teams, key=_order)


def _team(person: Employee | None) -> str:
    return person.team.name if person is not None and person.team is not None else ""


def _order(line: Line) -> tuple[float, str]:
    return line.figure.mean or 0.0, line.label
