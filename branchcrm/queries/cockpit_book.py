"""What the clients of a scope are worth, where the worth sits, and what moved since the period began."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, IntegerField, Q, Sum, Value, Window
from django.db.models.functions import Cast, Floor, Greatest, Least, RowNumber

from branchcrm.queries.changes import MOVES
from branchcrm.queries.cockpit_scope import Period, Scope
from clients.models import ClientDay, ClientStanding, Tier, ValueType
from office.models import JobRun
from segmentation.models import TIERS, ClientScore, CoreMembership, ScoringRun

BANDS = 10  # of value, ten points wide each
CURVE_POINTS = 40
CORE_USUAL = (0.05, 0.40)  # share of clients beyond which a branch does not follow 80/20 (nightly.md §4)
NEW, GONE, UP, DOWN = "new", "closed", "up", "down"
WHOLE_YEAR = timedelta(days=355)  # of data; a year less the longest holiday


@dataclass(frozen=True)
class Part:
    """One tier, type or band of value with what its clients bring."""

    key: str
    label: str
    clients: int
    assets_fen: int
    contribution_fen: int


@dataclass(frozen=True)
class Book:
    """The present clients of a scope."""

    tiers: list[Part]
    types: list[Part]
    bands: list[Part]
    commission_fen: int
    core_clients: int
    core_fen: int
    positive_fen: int  # Σ of contributions above zero

    @property
    def clients(self) -> int:
        """How many there are."""
        return sum(part.clients for part in self.tiers)

    @property
    def assets_fen(self) -> int:
        """Their last known net assets."""
        return sum(part.assets_fen for part in self.tiers)

    @property
    def contribution_fen(self) -> int:
        """What they brought in 12 months."""
        return sum(part.contribution_fen for part in self.tiers)

    @property
    def core_share(self) -> float | None:
        """The share of clients in the core group, None without clients."""
        return self.core_clients / self.clients if self.clients else None

    @property
    def core_contribution_share(self) -> float | None:
        """The share of the positive contribution the core group brings."""
        return self.core_fen / self.positive_fen if self.positive_fen else None

    @property
    def follows_80_20(self) -> bool:
        """Whether the core group is neither a handful nor half of the clients."""
        low, high = CORE_USUAL
        return self.core_share is None or low <= self.core_share <= high


@dataclass(frozen=True)
class Flow:
    """Who changed tier since `base`: (from, to) → clients; `new` came, `closed` left."""

    base: ScoringRun | None
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def total(self, direction: str) -> int:
        """Count the moves up, down, new or closed."""
        return sum(count for move, count in self.moves.items() if direction_of(*move) == direction)


@dataclass(frozen=True)
class Base:
    """The same clients as the run before the period saw them; sums in fen.

    `knew_a_year` is False where the branch's data did not yet reach back 12 months: its sums are too small.
    """

    clients: int
    assets_fen: int
    commission_fen: int
    contribution_fen: int
    knew_a_year: bool = True


@dataclass(frozen=True)
class Tonight:
    """What the latest published night changed in a scope."""

    run: ScoringRun
    night_id: int | None
    up: int
    down: int
    types: int
    core_in: int
    core_out: int


def direction_of(before: str, after: str) -> str:
    """Return up, down, new or closed for a move between tiers."""
    if before == NEW:
        return NEW
    if after == GONE:
        return GONE
    return UP if TIERS.index(Tier(after)) > TIERS.index(Tier(before)) else DOWN


def book_of(scope: Scope) -> Book:
    """Return what the clients of the scope are at present, in four queries."""
    rows: Any = scope.standings()
    sums = rows.aggregate(
        commission=Sum("commission_fen"),
        core=Count("pk", filter=Q(is_core=True)),
        core_fen=Sum("contribution_fen", filter=Q(is_core=True)),
        positive=Sum("contribution_fen", filter=Q(contribution_fen__gt=0)),
    )
    band = Cast(Least(Floor(F("value") / BANDS), Value(float(BANDS - 1))), IntegerField())
    bands = _parts(rows.annotate(band=band), "band")
    tiers, types = _parts(rows, "tier"), _parts(rows, "value_type")
    return Book(
        tiers=[_part(tiers, tier, str(tier.label)) for tier in reversed(Tier)],
        types=[_part(types, kind, str(kind.label)) for kind in ValueType],
        bands=[_part(bands, number, f"{number * BANDS}–{(number + 1) * BANDS}") for number in range(BANDS)],
        commission_fen=sums["commission"] or 0,
        core_clients=sums["core"],
        core_fen=sums["core_fen"] or 0,
        positive_fen=sums["positive"] or 0,
    )


def _parts(rows: Any, by: str) -> dict[Any, dict[str, int]]:
    sums = (
        rows.order_by()
        .values(by)
        .annotate(clients=Count("pk"), assets=Sum("assets_fen"), contribution=Sum("contribution_fen"))
    )
    return {row[by]: row for row in sums}


def _part(parts: dict[Any, dict[str, int]], key: Any, label: str) -> Part:
    row = parts.get(key, {"clients": 0, "assets": 0, "contribution": 0})
    return Part(str(key), label, row["clients"], row["assets"], row["contribution"])


def base_run(scope: Scope, period: Period) -> ScoringRun | None:
    """Return the last run published before the period; of a younger branch its first, None with a single day."""
    runs = ScoringRun.objects.visible_to(scope.user)
    before = runs.filter(as_of__lt=period.start).order_by("-as_of", "-edition").first()
    return before or runs.filter(as_of__lt=period.until).order_by("as_of", "-edition").first()


def base_of(scope: Scope, run: ScoringRun | None) -> Base | None:
    """Return the sums of the same people's clients at that run; assets are its 20-day means."""
    if run is None:
        return None
    sums = scope.of_clients(_scores(scope, run)).aggregate(
        clients=Count("client"),
        assets=Sum("assets_raw"),
        commission=Sum("commission_fen"),
        contribution=Sum("contribution_fen"),
    )
    return Base(
        sums["clients"],
        round((sums["assets"] or 0) * 100),
        sums["commission"] or 0,
        sums["contribution"] or 0,
        ClientDay.objects.filter(branch=run.branch_id, day__lte=run.as_of - WHOLE_YEAR).exists(),
    )


def average_assets_fen(scope: Scope) -> int:
    """Return Σ 20-day mean assets of the present clients, to compare with `base_of`."""
    return int(scope.standings().aggregate(sum=Sum("assets_avg_fen"))["sum"] or 0)


def _scores(scope: Scope, run: ScoringRun) -> Any:
    return ClientScore.objects.visible_to(scope.user).filter(run=run, as_of=run.as_of)


def flow_of(scope: Scope, run: ScoringRun | None) -> Flow:
    """Return who changed tier between that run and now."""
    if run is None:
        return Flow(None)
    moves: Counter[tuple[str, str]] = Counter()
    before = scope.of_clients(_scores(scope, run)).order_by()
    seen = before.values("tier_no", "client__standing__tier", "client__standing__is_closed").annotate(n=Count("client"))
    for row in seen:
        old = str(TIERS[row["tier_no"]].value)
        new = GONE if row["client__standing__is_closed"] else row["client__standing__tier"]
        if old != new:
            moves[old, new] += row["n"]
    fresh = scope.standings().exclude(client__in=_scores(scope, run).values("client")).order_by()
    for tier, count in fresh.values_list("tier").annotate(n=Count("pk")):
        moves[NEW, tier] += count
    return Flow(run, moves)


def moved_clients(scope: Scope, run: ScoringRun, before: str, after: str) -> Any:
    """Return the standings of the clients who went from `before` to `after` since that run ("" is any).

    `before` may be `UP` or `DOWN`: all who rose or fell.
    """
    if before == NEW:
        rows = scope.standings().exclude(client__in=_scores(scope, run).values("client"))
        return rows.filter(tier=after) if after else rows
    rows = ClientStanding.objects.visible_to(scope.user)
    rows = rows if scope.manager_ids is None else rows.filter(manager__in=scope.manager_ids)
    scores = _scores(scope, run)
    if before in (UP, DOWN):
        return rows.filter(client__in=scores.filter(_has_moved(before)).values("client"), is_closed=False)
    scores = scores.filter(tier_no=TIERS.index(Tier(before))) if before else scores
    rows = rows.filter(client__in=scores.values("client"))
    if after == GONE:
        return rows.filter(is_closed=True)
    return rows.filter(is_closed=False, **({"tier": after} if after else {}))


def tiers_at(scope: Scope, run: ScoringRun, clients: list[int]) -> dict[int, str]:
    """Return client → the tier that run saw him in; who came since is left out."""
    rows = _scores(scope, run).filter(client__in=clients).values_list("client", "tier_no")
    return {client: str(TIERS[tier_no].value) for client, tier_no in rows}


def _has_moved(direction: str) -> Q:
    """Return the condition that the tier a client has now is above (`UP`) or below the one of a score."""
    compare = "tier_no__lt" if direction == UP else "tier_no__gt"
    now = [Q(**{"client__standing__tier": tier.value, compare: place}) for place, tier in enumerate(TIERS)]
    return reduce(or_, now)


def curve_of(scope: Scope, book: Book) -> list[tuple[float, float]]:
    """Return the Pareto curve: share of clients against share of contribution, both in percent, richest first."""
    total = book.clients
    if not total or not book.positive_fen:
        return []
    order = [F("contribution_fen").desc(), F("client_id").asc()]
    places = sorted({max(1, round(total * (step / CURVE_POINTS) ** 2)) for step in range(1, CURVE_POINTS + 1)})
    rows = scope.standings().annotate(
        place=Window(RowNumber(), order_by=order),
        running=Window(Sum(Greatest(F("contribution_fen"), Value(0))), order_by=order),
    )
    found = rows.filter(place__in=places).order_by("place").values_list("place", "running")
    return [
        (0.0, 0.0),
        *((round(place / total * 100, 2), round(float(run) / book.positive_fen * 100, 2)) for place, run in found),
    ]


def tonight_of(scope: Scope) -> Tonight | None:
    """Return what the latest published night changed, None before the first."""
    run = ScoringRun.objects.visible_to(scope.user).order_by("-as_of", "-edition").first()
    if run is None:
        return None
    scores = scope.of_clients(_scores(scope, run))
    counts = scores.aggregate(
        up=Count("client", filter=MOVES["up"]),
        down=Count("client", filter=MOVES["down"]),
        types=Count("client", filter=MOVES["type"]),
    )
    moved = CoreMembership.objects.visible_to(scope.user).filter(Q(entered_run=run) | Q(left_run=run))  # of all nights
    core = moved.filter(client__in=scores.values("client")).aggregate(
        into=Count("pk", filter=Q(entered_run=run)), out=Count("pk", filter=Q(left_run=run))
    )
    nights = JobRun.objects.visible_to(scope.user).filter(name="night", as_of=run.as_of, detail__run=run.pk)
    night = nights.order_by("-edition").values_list("pk", flat=True).first()
    return Tonight(run, night, counts["up"], counts["down"], counts["types"], core["into"], core["out"])
