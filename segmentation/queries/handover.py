"""Reads of handovers: who still has to read, what a dossier holds, how moved clients fared before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from clients.holdings import Portfolio
from clients.models import Account, Client, ClientStanding, ProductPurchase
from clients.queries.page import consent_by_channel, portfolio
from clients.rules import age_on
from office.models import Employee
from segmentation.models import AllocationPlan, Handover, ManagerWish
from segmentation.queries.plans import Comparison
from segmentation.queries.trading import Trading, trading
from service_logs.models import MESSAGES, Contact, Task
from service_logs.queries.attention import REACHED
from service_logs.queries.contacts import owed_tasks
from service_logs.queries.scope import midnight

ORDER = ["confirm_by", "-value", "pk"]
TABS = {"mine": "待我确认", "open": "待确认", "overdue": "逾期未确认", "confirmed": "已确认", "": "全部"}
LAST_CONTACTS, LAST_PURCHASES = 8, 10
SAID_WITHIN = timedelta(days=365)  # promises and needs older than this are history


def handovers(user: Employee, tab: str, today: date) -> QuerySet[Handover]:
    """Return the handovers `user` may know of under one tab of TABS, the next deadline first."""
    rows = Handover.objects.visible_to(user).exclude(state=Handover.State.WITHDRAWN)
    return rows.filter(_tab(tab, user, today)).select_related("client__standing", "from_manager", "to_manager", "plan")


def tab_counts(user: Employee, today: date) -> dict[str, int]:
    """Return how many handovers stand under each tab."""
    rows = Handover.objects.visible_to(user).exclude(state=Handover.State.WITHDRAWN)
    counted = rows.aggregate(**{tab or "all": Count("pk", filter=_tab(tab, user, today)) for tab in TABS})
    return {tab: counted[tab or "all"] for tab in TABS}


def _tab(tab: str, user: Employee, today: date) -> Q:
    unread = Q(state=Handover.State.OPEN)
    return {
        "mine": unread & Q(to_manager=user),
        "open": unread,
        "overdue": unread & Q(confirm_by__lt=today),
        "confirmed": Q(state=Handover.State.CONFIRMED),
    }.get(tab, Q(pk__isnull=False))


@dataclass(frozen=True)
class Dossier:
    """What a new manager should know of one client before the first call."""

    client: Client
    age: int | None
    portfolio: Portfolio
    trading: Trading | None
    credit_accounts: list[Account]  # open ones; empty: no margin trading
    purchases: list[ProductPurchase]
    tasks: list[Task]
    promises: list[Contact]
    needs: list[Contact]
    contacts: list[Contact]
    consents: list[tuple[str, str, bool]]
    wishes: list[ManagerWish]


def dossier(user: Employee, client: Client, today: date) -> Dossier:
    """Return the dossier of a client `user` sees, as things stand today.

    A promise with a day is open until its task is done; one without a day and a need count for a year.
    """
    said = Contact.objects.visible_to(user).standing().filter(client=client).select_related("author")
    lately = said.filter(at__gte=midnight(today - SAID_WITHIN)).order_by("-at", "-pk")
    accounts = Account.objects.filter(client=client, kind="credit", closed_on=None)
    wishes = ManagerWish.objects.visible_to(user).filter(client=client).select_related("employee")
    bought = ProductPurchase.objects.filter(client=client).order_by("-day", "purchase_no")
    tasks = list(owed_tasks(user, client).select_related("owner"))
    owed = [task.facts["contact_id"] for task in tasks if "contact_id" in task.facts]
    return Dossier(
        client=client,
        age=age_on(client.birth_date, today) if client.birth_date else None,
        portfolio=portfolio(client),
        trading=trading(client, client.branch.data_as_of or today),
        credit_accounts=list(accounts.order_by("opened_on", "pk")),
        purchases=list(bought[:LAST_PURCHASES]),
        tasks=tasks,
        promises=list(lately.exclude(promise="").filter(Q(promise_due_on=None) | Q(pk__in=owed))),
        needs=list(lately.exclude(need="")),
        contacts=list(said.order_by("-at", "-pk")[:LAST_CONTACTS]),
        consents=consent_by_channel(client),
        wishes=list(wishes.order_by("-said_on", "pk")),
    )


@dataclass(frozen=True)
class Measures:
    """The clients a plan moved, before and since: were they called, and what are they worth."""

    days: int
    clients: int
    confirmed: int
    comparisons: list[Comparison]


def plan_measures(plan: AllocationPlan, today: date) -> Measures | None:
    """Return how the moved clients fared, over as many days since as before (90 at most); None before it is applied.

    Coverage is the share of them somebody reached at least once. Figures of before are those written on the dossier.
    """
    if plan.state != AllocationPlan.State.APPLIED or plan.effective_on is None:
        return None
    moved = plan.handovers.exclude(state=Handover.State.WITHDRAWN)
    then = moved.aggregate(
        clients=Count("pk"),
        confirmed=Count("pk", filter=Q(state=Handover.State.CONFIRMED)),
        assets=Sum("assets_fen"),
        commission=Sum("commission_fen"),
        value=Sum("value"),
    )
    if not then["clients"]:
        return None
    ids = moved.values("client")
    now = ClientStanding.objects.filter(pk__in=ids).aggregate(
        assets=Sum("assets_fen"), commission=Sum("commission_fen"), value=Sum("value")
    )
    days = min(max((today - plan.effective_on).days, 0), 90)
    count = then["clients"]
    before, after = (reached / count if days else None for reached in _covered(plan, plan.effective_on, days))
    return Measures(
        days=days,
        clients=count,
        confirmed=then["confirmed"],
        comparisons=[
            Comparison("联系覆盖（%）", before, after, 1, 100.0),
            Comparison("平均价值", then["value"] / count, now["value"] / count, 1),
            Comparison("资产（万元）", then["assets"] / 1_000_000, now["assets"] / 1_000_000, 2),
            Comparison("12 个月净佣金（元）", then["commission"] / 100, now["commission"] / 100),
        ],
    )


def _covered(plan: AllocationPlan, effective: date, days: int) -> tuple[int, int]:
    """Return how many moved clients somebody reached in the days before the change and since."""
    turn = midnight(effective)
    found = (
        Contact.objects.standing()
        .filter(
            client__in=plan.handovers.exclude(state=Handover.State.WITHDRAWN).values("client"),
            at__gte=midnight(effective - timedelta(days)),
            at__lt=midnight(effective + timedelta(days)),
            result__in=REACHED,
        )
        .exclude(channel__in=MESSAGES)
        .aggregate(
            before=Count("client", filter=Q(at__lt=turn), distinct=True),
            after=Count("client", filter=Q(at__gte=turn), distinct=True),
        )
    )
    return found["before"], found["after"]
