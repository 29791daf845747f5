"""Each sign of leaving by a case; a night that may run again; tasks for who enters a higher band."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from clients.models import ChannelPreference, Client, ServiceAssignment
from office.dates import TradingCalendar
from office.models import Notice
from retention.models import Band, ChurnRun, ChurnScore, ChurnStanding
from retention.operations.churn import WindowsElsewhere, score_churn
from retention.operations.churn_events import raise_churn
from retention.operations.closures import register_request, withdraw
from segmentation.models import WindowState
from segmentation.operations.weights import ensure_weights
from service_logs.models import Signal, Task
from tests.conftest import Cast, make_client
from tests.service_logs import facts
from tests.service_logs.facts import NEXT_NIGHT, NIGHT, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]
WAN = 1_000_000  # fen
FRIDAY_TEN = at(NIGHT, 10)


def roll(cast: Cast, day: date = NIGHT) -> None:
    """Let the windows of the branch end on that day."""
    defaults = {"as_of": day, "weight_set": ensure_weights(cast.branch, day), "file_id": 0, "change_id": 0}
    WindowState.objects.update_or_create(branch=cast.branch, defaults=defaults)


@pytest.fixture
def wu(cast: Cast, calendar: TradingCalendar) -> Client:
    """A client of li with 100,000 yuan and 1,000 yuan of contribution, of whom nothing is to be told."""
    facts.stand_at(cast.wu, last_assets_fen=10 * WAN, assets_sum_60_fen=600 * WAN, assets_days_60=60,
                   commission_250_fen=1_000_00)  # fmt: skip
    roll(cast)
    return cast.wu


def signs(client: Client) -> dict[str, Any]:
    standing = ChurnStanding.objects.filter(pk=client.pk).first()
    return {sign["code"]: sign for sign in standing.signals} if standing else {}


def score(cast: Cast, client: Client, day: date = NIGHT) -> dict[str, Any]:
    score_churn(cast.branch, day)
    return signs(client)


def log(client: Client, cast: Cast, days: int, result: str = "reached", **fields: Any) -> None:
    facts.entry(client, cast.li, at(NIGHT - timedelta(days=days), 11), result, **fields)


def window(client: Client, **fields: Any) -> None:
    facts.stand_at(client, **fields)


def move(client: Client, days: list[tuple[date, int, int]]) -> None:
    """Note what came and went, in yuan."""
    for day, inflow, outflow in days:
        facts.client_day(client, day, inflow=inflow, outflow=outflow)


def preferences(client: Client, *states: str) -> None:
    for channel, state in zip(("phone", "sms", "wecom"), states, strict=False):
        ChannelPreference.objects.create(client=client, channel=channel, purpose="service", state=state, since=NIGHT)


def new_manager(client: Client, cast: Cast, starts_on: date) -> None:
    ServiceAssignment.objects.filter(client=client).update(ends_on=starts_on)
    ServiceAssignment.objects.create(client=client, employee=cast.wang, starts_on=starts_on)


def rates(client: Client, cast: Cast) -> None:
    """Let wu pay the highest rate of four clients of his tier."""
    window(client, commission_250_fen=3_000_00, turnover_250_fen=100 * WAN)
    for number in range(3):
        other = make_client(cast.branch, f"88010000009{number}", manager=cast.li)
        facts.stand_at(other, commission_250_fen=200_00, turnover_250_fen=100 * WAN)


Setting = Callable[[Client, Cast], object]


def each(*settings: Setting) -> Setting:
    """Return a setting that is all of `settings`."""

    def done(client: Client, cast: Cast) -> None:
        for setting in settings:
            setting(client, cast)

    return done


JULY_1, JULY_24, AUGUST_20 = date(2026, 7, 1), date(2026, 7, 24), date(2026, 8, 20)

CASES: list[tuple[str, Setting, str, float | None]] = [
    ("a request at the counter system", lambda c, k: facts.event(c, "close_request"), "leaving", 60),
    ("a request a trading day ago", lambda c, k: facts.event(c, "close_request", AUGUST_20), "leaving", 58),
    ("designation cancelled", lambda c, k: facts.event(c, "cancel_designation"), "moved_out", 50),
    ("securities moved out", lambda c, k: facts.event(c, "transfer_out"), "moved_out", 50),
    ("money to the bank is no leaving", lambda c, k: facts.event(c, "bank_out", amount=1), "moved_out", None),
    ("30 % went today", lambda c, k: move(c, [(NIGHT, 0, 42_900)]), "outflow", 25),
    ("30 % went in three days", lambda c, k: move(
        c, [(date(2026, 8, 18), 0, 20_000), (AUGUST_20, 0, 20_000), (NIGHT, 0, 20_000)]), "outflow", 25),
    ("less than 30 % went", lambda c, k: move(c, [(NIGHT, 0, 42_000)]), "outflow", None),
    ("an event alone tells the outflow", lambda c, k: facts.event(c, "bank_out", amount=60_000), "outflow", 25),
    ("went, but he said what for", each(
        lambda c, k: move(c, [(NIGHT, 0, 60_000)]), lambda c, k: log(c, k, 0, feedback="用款需要")), "outflow", None),
    ("assets at half of the average", lambda c, k: window(c, last_assets_fen=5 * WAN), "assets_fell", 20),
    ("assets a little above half", lambda c, k: window(c, last_assets_fen=5 * WAN + 1), "assets_fell", None),
    ("little was there", lambda c, k: window(
        c, last_assets_fen=0, assets_sum_60_fen=59 * WAN), "assets_fell", None),
    ("trades a tenth as often", lambda c, k: window(c, trade_days_20=1, trade_days_120=60), "trading_fell", 12),
    ("exactly 70 % fewer", lambda c, k: window(c, trade_days_20=3, trade_days_120=60), "trading_fell", 12),
    ("not quite 70 % fewer", lambda c, k: window(c, trade_days_20=4, trade_days_120=60), "trading_fell", None),
    ("never traded much", lambda c, k: window(c, trade_days_20=0, trade_days_120=11), "trading_fell", None),
    ("cash away for 20 days", lambda c, k: move(c, [(JULY_24, 0, 20_000)]), "cash_to_bank", 8),
    ("cash away for 19 days", lambda c, k: move(c, [(date(2026, 7, 27), 0, 20_000)]), "cash_to_bank", None),
    ("cash came back", lambda c, k: move(
        c, [(JULY_24, 0, 20_000), (AUGUST_20, 100, 0)]), "cash_to_bank", None),
    ("a new manager", lambda c, k: new_manager(c, k, NIGHT), "manager_changed", 8),
    ("a new manager long ago", lambda c, k: new_manager(c, k, date(2026, 5, 1)), "manager_changed", None),
    ("the first manager is no change", lambda c, k: None, "manager_changed", None),
    ("matured 15 days ago", lambda c, k: facts.purchase(c, date(2026, 8, 6)), "product_matured", 8),
    ("matured 14 days ago", lambda c, k: facts.purchase(c, date(2026, 8, 7)), "product_matured", None),
    ("assessment over for 31 days", lambda c, k: facts.have(c, risk_valid_to=date(2026, 7, 21)), "papers_expired", 5),
    ("assessment over for 30 days", lambda c, k: facts.have(
        c, risk_valid_to=date(2026, 7, 22)), "papers_expired", None),
    ("identity card over for 31 days", lambda c, k: facts.have(c, id_valid_to=date(2026, 7, 21)), "papers_expired", 5),
    ("no channel left", lambda c, k: preferences(c, "denied", "denied", "denied"), "unsubscribed", 6),
    ("one channel is left", lambda c, k: preferences(c, "denied", "denied", "granted"), "unsubscribed", None),
    ("software failed twice", each(*[lambda c, k: log(c, k, 0, feedback="软件问题")] * 2), "software", 5),
    ("software failed once", lambda c, k: log(c, k, 0, feedback="软件问题"), "software", None),
    ("the number is wrong twice", each(*[lambda c, k: log(c, k, 0, "wrong_person")] * 2), "unreachable", 4),
    ("wrong twice, reached since", each(
        *[lambda c, k: log(c, k, 3, "sms_failed")] * 2, lambda c, k: log(c, k, 1)), "unreachable", None),
    ("pays much and asked", each(rates, lambda c, k: log(c, k, 0, feedback="希望调整")), "commission_asked", 10),
    ("pays much, never asked", rates, "commission_asked", None),
    ("pays like all and asked", lambda c, k: log(c, k, 0, feedback="希望调整"), "commission_asked", None),
]  # fmt: skip


@pytest.mark.req("RET-02")
@pytest.mark.parametrize(("setting", "code", "points"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_each_sign_is_found_by_its_fact(
    cast: Cast, wu: Client, setting: Setting, code: str, points: float | None
) -> None:
    setting(wu, cast)
    found = score(cast, wu)
    if points is None:
        assert code not in found
    else:
        assert found[code]["points"] == points
        assert found[code]["fact"]


def test_a_client_not_reached_in_twice_the_rhythm(cast: Cast, wu: Client) -> None:
    facts.have(wu, grade="vip")
    log(wu, cast, 60, "not_reached")
    facts.seen(wu, last_talk_on=NIGHT - timedelta(days=40))
    sign = score(cast, wu)["not_reached"]
    days, rhythm = sign["figures"]
    assert days == 40
    assert date.fromisoformat(sign["since"]) == NIGHT - timedelta(days=40 - 2 * rhythm - 1)


def test_a_talk_after_the_day_is_not_known_on_it(cast: Cast, wu: Client) -> None:
    facts.have(wu, grade="vip")
    log(wu, cast, 40)
    facts.seen(wu, last_talk_on=NIGHT + timedelta(days=5))
    assert score(cast, wu)["not_reached"]["figures"][0] == 40


def test_a_request_counts_until_the_client_takes_it_back(cast: Cast, wu: Client) -> None:
    request = register_request(wu, kind="close", channel="counter", by=cast.zhou, now=FRIDAY_TEN, reason="relocation")
    found = score(cast, wu)
    assert (found["leaving"]["points"], found["leaving"]["fact"]) == (60, "申请销户")
    assert found["family"]["fact"] == "迁居"
    withdraw(request, by=cast.zhou, note="客户来电撤回", now=FRIDAY_TEN)
    roll(cast, NEXT_NIGHT)
    assert "leaving" not in score(cast, wu, NEXT_NIGHT)


def test_what_happened_once_fades_over_the_nights_and_what_holds_keeps_its_beginning(cast: Cast, wu: Client) -> None:
    move(wu, [(NIGHT, 0, 60_000)])
    window(wu, last_assets_fen=WAN)
    assert score(cast, wu)["outflow"]["points"] == 25
    later = date(2026, 9, 18)  # 20 trading days on
    window(wu, day=later)
    roll(cast, later)
    found = score(cast, wu, later)
    assert (found["outflow"]["points"], found["assets_fell"]["points"]) == (12.5, 10)
    window(wu, day=date(2026, 9, 21), last_assets_fen=10 * WAN)
    roll(cast, date(2026, 9, 21))
    assert "assets_fell" not in score(cast, wu, date(2026, 9, 21))


def test_cash_that_comes_back_later_is_no_sign_any_more(cast: Cast, wu: Client) -> None:
    move(wu, [(JULY_24, 0, 20_000)])
    assert "cash_to_bank" in score(cast, wu)
    move(wu, [(NEXT_NIGHT, 5_000, 0)])
    roll(cast, NEXT_NIGHT)
    assert "cash_to_bank" not in score(cast, wu, NEXT_NIGHT)


def test_the_past_is_judged_by_what_was_known_then(cast: Cast, wu: Client) -> None:
    facts.event(wu, "close_request", NEXT_NIGHT)
    move(wu, [(NEXT_NIGHT, 0, 60_000)])
    assert score(cast, wu) == {}


def test_value_at_risk_and_band_follow_the_points(cast: Cast, wu: Client) -> None:
    facts.event(wu, "close_request")
    score_churn(cast.branch, NIGHT)
    standing = ChurnStanding.objects.get(pk=wu.pk)
    assert (standing.score, standing.band, standing.value_at_risk_fen) == (60, Band.WARN, 500_00)
    assert standing.codes == ["leaving"]


def test_the_same_night_again_changes_nothing_and_another_finding_is_the_next_edition(cast: Cast, wu: Client) -> None:
    facts.event(wu, "close_request")
    assert score_churn(cast.branch, NIGHT).changed == 1
    again = score_churn(cast.branch, NIGHT)
    assert (again.seen, again.changed) == (1, 0)
    facts.event(wu, "cancel_designation")
    score_churn(cast.branch, NIGHT)
    assert list(ChurnRun.objects.order_by("pk").values_list("edition", flat=True)) == [1, 2]
    assert ChurnScore.objects.filter(client_id=wu.pk).count() == 2
    assert ChurnStanding.objects.get(pk=wu.pk).score == 100


def test_a_past_day_moves_no_list(cast: Cast, wu: Client) -> None:
    facts.event(wu, "close_request")
    score_churn(cast.branch, NIGHT)
    window(wu, day=AUGUST_20)
    roll(cast, AUGUST_20)
    score_churn(cast.branch, AUGUST_20)
    assert ChurnStanding.objects.get(pk=wu.pk).run.as_of == NIGHT


def test_who_shows_no_sign_any_more_leaves_the_list_but_stays_in_the_scores(cast: Cast, wu: Client) -> None:
    window(wu, last_assets_fen=WAN)
    score_churn(cast.branch, NIGHT)
    assert ChurnStanding.objects.count() == 1
    window(wu, day=NEXT_NIGHT, last_assets_fen=10 * WAN)
    roll(cast, NEXT_NIGHT)
    score_churn(cast.branch, NEXT_NIGHT)
    assert ChurnStanding.objects.count() == 0
    assert ChurnScore.objects.filter(client_id=wu.pk, as_of=NEXT_NIGHT).get().signals == []


def test_windows_of_another_day_give_no_score(cast: Cast, wu: Client) -> None:
    with pytest.raises(WindowsElsewhere):
        score_churn(cast.branch, NEXT_NIGHT)


def test_facts_of_another_branch_are_not_read(cast: Cast, wu: Client) -> None:
    other = make_client(cast.other_branch, "880200000001")
    facts.stand_at(other)
    facts.event(other, "close_request")
    score_churn(cast.branch, NIGHT)
    assert not ChurnScore.objects.filter(client_id=other.pk).exists()


BANDS: list[tuple[Setting, str, str, date]] = [
    (each(lambda c, k: move(c, [(NIGHT, 0, 60_000)]), lambda c, k: new_manager(c, k, NIGHT)), "churn_watch", "optional",
     date(2026, 8, 28)),
    (lambda c, k: facts.event(c, "close_request"), "churn_warn", "mandatory", date(2026, 8, 25)),
    (each(lambda c, k: facts.event(c, "close_request"), lambda c, k: move(c, [(NIGHT, 0, 60_000)])),
     "churn_alarm", "mandatory",
     date(2026, 8, 24)),
]  # fmt: skip


@pytest.mark.req("RET-02")
@pytest.mark.parametrize(("setting", "code", "kind", "due"), BANDS, ids=["watch", "warn", "alarm"])
def test_who_enters_a_band_becomes_a_task_the_next_morning(
    cast: Cast, wu: Client, setting: Setting, code: str, kind: str, due: date
) -> None:
    setting(wu, cast)
    score_churn(cast.branch, NIGHT)
    assert raise_churn(cast.branch, NIGHT).changed == 1
    task = Task.objects.get(rule__code=code)
    assert (task.owner, task.kind, task.due_at.date(), task.made_on) == (cast.li, kind, due, date(2026, 8, 24))
    assert raise_churn(cast.branch, NIGHT).changed == 0
    told = Notice.objects.filter(employee=cast.chen, key__startswith="churn-alarm").count()
    assert told == (1 if code == "churn_alarm" else 0)


def test_who_stays_in_his_band_or_falls_is_told_of_once(cast: Cast, wu: Client) -> None:
    facts.event(wu, "close_request")
    score_churn(cast.branch, NIGHT)
    raise_churn(cast.branch, NIGHT)
    window(wu, day=NEXT_NIGHT)
    roll(cast, NEXT_NIGHT)
    score_churn(cast.branch, NEXT_NIGHT)
    assert raise_churn(cast.branch, NEXT_NIGHT).changed == 0
    assert Signal.objects.filter(rule__code__startswith="churn").count() == 1
