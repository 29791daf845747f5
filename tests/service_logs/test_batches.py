"""A task for every client of a filter: as many as the page said, once, and taken back the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client as Browser

from clients.models import Client, ClientStanding
from office.dates import TradingCalendar
from office.errors import DomainError
from office.models import AuditEntry
from service_logs.errors import ForbiddenWords, NotYours, TooLate, TooMany
from service_logs.models import Task, TaskBatch
from service_logs.operations.batches import add_batch, withdraw_batch
from service_logs.operations.tasks import complete_tasks
from service_logs.queries.batches import MOST
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client
from tests.service_logs.desk import today

pytestmark = pytest.mark.django_db
Browse = Callable[[str], Browser]
PAGE = "/service/tasks/bulk/"


@pytest.fixture
def book(cast: Cast, calendar: TradingCalendar) -> list[Client]:
    """Three of li (wu among them), two of wang, one closed."""
    made = [make_client(cast.branch, f"88010001{n:04d}", name=f"客户{n}", manager=cast.li) for n in (1, 2)]
    made += [make_client(cast.branch, f"88010002{n:04d}", name=f"客户{n}", manager=cast.wang) for n in (3, 4)]
    make_client(cast.branch, "880100030001", name="已走", manager=cast.li, standing={"is_closed": True})
    return [cast.wu, *made]


def typed(count: int, token: UUID | None = None, **fields: object) -> dict[str, object]:
    return {
        "title": "送对账单", "kind": "optional", "channel": "phone", "due_on": str(today() + timedelta(days=3)),
        "minutes": 5, "count": count, "token": str(token or uuid4()), **fields,
    }  # fmt: skip


def batch(cast: Cast, clients: list[Client], token: UUID | None = None, title: str = "送对账单") -> TaskBatch:
    return add_batch(
        clients, token=token or uuid4(), query="", by=cast.zhao, today=today(), title=title, due_on=today()
    )


def test_the_page_says_how_many_and_how_they_are_spread(book: list[Client], browse: Browse) -> None:
    page = browse("zhao").get(PAGE)
    assert page.context["count"] == 5
    assert [(share.name, share.count) for share in page.context["shares"]] == [("李清", 3), ("王珂", 2)]


@pytest.mark.parametrize(("name", "count"), [("li", 3), ("wang", 2), ("chen", 3), ("zhao", 5), ("sun", 0)])
def test_everybody_reaches_his_own_clients_only(name: str, count: int, book: list[Client], browse: Browse) -> None:
    assert browse(name).get(PAGE).context["count"] == count


def test_the_whole_filter_gets_tasks_over_all_pages(book: list[Client], browse: Browse, cast: Cast) -> None:
    answer = browse("zhao").post(f"{PAGE}?manager={cast.wang.pk}&after=x&sort=-value", typed(2))
    made = TaskBatch.objects.get()
    assert answer.url == made.get_absolute_url()  # type: ignore[attr-defined]  # a redirect
    assert set(Task.objects.values_list("client__name", "owner__name")) == {("客户3", "王珂"), ("客户4", "王珂")}
    assert made.query == f"manager={cast.wang.pk}"
    assert AuditEntry.objects.filter(action="service_logs.batch_added").count() == 1


def test_the_client_list_leads_there_with_its_filter(book: list[Client], browse: Browse) -> None:
    answer = browse("zhao").post("/service/tasks/new/?tier=gold", {"everything": "1", "ids": [book[0].pk]})
    assert answer.url == f"{PAGE}?tier=gold"  # type: ignore[attr-defined]  # a redirect
    page = browse("zhao").get("/clients/?tier=general").content.decode()
    assert 'formaction="/service/tasks/new/?tier=general"' in page


def test_sending_the_page_twice_makes_one_batch(book: list[Client], browse: Browse) -> None:
    token = uuid4()
    first, second = (browse("zhao").post(PAGE, typed(5, token)) for _ in range(2))
    assert first.url == second.url  # type: ignore[attr-defined]  # redirects
    assert (TaskBatch.objects.count(), Task.objects.count()) == (1, 5)


def test_the_same_token_makes_nothing_twice_even_past_the_page(book: list[Client], cast: Cast) -> None:
    token = uuid4()
    assert batch(cast, book, token) == batch(cast, book, token)
    assert Task.objects.count() == 5
    with pytest.raises(NotYours):
        add_batch(book, token=token, query="", by=cast.li, today=today(), title="另一件", due_on=today())


def test_a_list_that_changed_meanwhile_is_asked_about_again(book: list[Client], browse: Browse) -> None:
    answer = browse("zhao").post(PAGE, typed(4))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "名单已由 4 位变为 5 位" in text
    assert 'name="count" value="5"' in text
    assert not Task.objects.exists()


def test_more_than_the_limit_is_refused_and_said(cast: Cast, browse: Browse) -> None:
    made = Client.objects.bulk_create(
        Client(branch=cast.branch, client_no=f"8801{n:08d}", name="客户", opened_on=today()) for n in range(100, 2100)
    )
    ClientStanding.objects.bulk_create(
        ClientStanding(client=client, branch=cast.branch, manager=cast.li) for client in made
    )
    assert "超过一次的上限" in browse("zhao").get(PAGE).content.decode()
    assert browse("zhao").post(PAGE, typed(MOST + 1)).status_code == 409
    with pytest.raises(TooMany):
        batch(cast, [cast.wu, *made])
    assert not TaskBatch.objects.exists()


def test_an_empty_list_makes_no_batch(cast: Cast) -> None:
    with pytest.raises(DomainError):
        batch(cast, [])


def test_a_filter_that_is_not_understood_makes_nothing(book: list[Client], browse: Browse) -> None:
    assert browse("zhao").post(f"{PAGE}?value_min=viel", typed(5)).status_code == 422
    assert not Task.objects.exists()


@pytest.mark.parametrize("field", ["title", "note"])
def test_forbidden_words_make_no_batch(field: str, book: list[Client], cast: Cast, browse: Browse) -> None:
    assert browse("zhao").post(PAGE, {**typed(5), field: "推荐稳赚的产品"}).status_code == 422
    with pytest.raises(ForbiddenWords):
        batch(cast, book, title="稳赚")
    assert not TaskBatch.objects.exists()


def test_a_batch_is_withdrawn_the_same_day_but_for_what_is_done(book: list[Client], browse: Browse, cast: Cast) -> None:
    made = batch(cast, book)
    complete_tasks(Task.objects.filter(client=cast.wu), result="已办", by=cast.li)
    other = batch(cast, book[:1], title="另一批")
    answer = browse("zhao").post(f"{made.get_absolute_url()}withdraw/", {"reason": "选错了条件"}, follow=True)
    assert "未完成的 4 件任务" in answer.content.decode()
    states = Task.objects.filter(facts__batch=made.pk).values_list("state", flat=True)
    assert sorted(states) == ["cancelled"] * 4 + ["done"]
    assert Task.objects.get(facts__batch=other.pk).state == "open"
    assert AuditEntry.objects.get(action="service_logs.batch_withdrawn").reason == "选错了条件"


def test_a_batch_is_withdrawn_once_and_not_the_day_after(book: list[Client], cast: Cast) -> None:
    made = batch(cast, book)
    with pytest.raises(TooLate):
        withdraw_batch(made, reason="晚了", by=cast.zhao, today=today() + timedelta(days=1))
    withdraw_batch(made, reason="错", by=cast.zhao, today=today())
    with pytest.raises(TooLate):
        withdraw_batch(made, reason="错", by=cast.zhao, today=today())


def test_a_colleague_does_not_withdraw_it(book: list[Client], cast: Cast) -> None:
    with pytest.raises(NotYours):
        withdraw_batch(batch(cast, book), reason="错", by=cast.wang, today=today())


def test_the_page_of_a_batch_leads_to_its_tasks(book: list[Client], browse: Browse, cast: Cast) -> None:
    made = batch(cast, book)
    batch(cast, book[:1], title="另一批")
    page = browse("zhao").get(made.get_absolute_url())
    assert page.context["states"] == [("待办", 5)]
    listed = browse("zhao").get(page.context["tasks_href"])
    assert {task.title for task in listed.context["page"]} == {"送对账单"}


def test_the_question_costs_the_same_for_any_number_of_clients(
    book: list[Client], browse: Browse, query_budget: QueryBudget
) -> None:
    browser = browse("zhao")
    with query_budget("service_logs:task_bulk"):
        assert browser.get(PAGE).status_code == 200
