"""夜间作业 says whether the morning's figures can be trusted, and lets those who may act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from branchcrm.night import STEPS
from office.models import JobRun
from tests.budgets import QueryBudget
from tests.conftest import Cast

FRIDAY = date(2026, 8, 21)
FIGURES = {"clients": 6318, "tier_changes": 23, "type_changes": 58}
Browse = Callable[[str], Browser]


def gate(code: str, label: str, *, passed: bool = True, **more: Any) -> dict[str, Any]:
    return {"code": code, "label": label, "limit": "≤ 5.00%", "value": "0.36%", "passed": passed, "note": "", **more}


def make_night(cast: Cast, day: date = FRIDAY, outcome: str = "published", edition: int = 1, **detail: Any) -> JobRun:
    """Make a night with all of its steps."""
    begun = timezone.make_aware(datetime(2026, 8, 22, 2, 0)) + timedelta(days=(day - FRIDAY).days)
    known = {"outcome": outcome, "figures": FIGURES, "gates": [gate("tiers", "等级变更")], "run": 0, "missing": []}
    state = JobRun.State.FAILED if outcome == "refused" else JobRun.State.DONE
    common = {"branch": cast.branch, "as_of": day, "edition": edition, "started_at": begun}
    run = JobRun.objects.create(
        name="night", state=state, finished_at=begun + timedelta(seconds=171), detail=known | detail, **common
    )
    for step in STEPS:
        JobRun.objects.create(
            name=f"night.{step.code}",
            state=JobRun.State.DONE,
            finished_at=begun + timedelta(seconds=2),
            rows_seen=98_412,
            rows_changed=121,
            skipped={"冷却期内": 298} if step.code == "signals" else {},
            peak_mb=212,
            **common,
        )
    return run


def page(browse: Browse, run: JobRun, who: str = "zhao") -> str:
    response = browse(who).get(reverse("night_detail", args=[run.pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_night_shows_state_steps_gates_and_the_night_before(cast: Cast, browse: Browse) -> None:
    make_night(cast, date(2026, 8, 20), figures=FIGURES | {"tier_changes": 19})
    text = page(browse, make_night(cast))
    assert "已发布" in text
    assert "用时 2 分 51 秒" in text
    assert "前夜 19" in text
    assert all(step.label in text for step in STEPS)
    assert "冷却期内 298" in text
    assert "98,412" in text
    assert "全部通过" in text


def test_the_list_shows_own_nights_only_newest_first(cast: Cast, browse: Browse) -> None:
    make_night(cast, date(2026, 8, 20))
    make_night(cast)
    text = browse("zhao").get(reverse("night_list")).content.decode()
    assert text.index("8月21日 周五") < text.index("8月20日 周四")
    assert "8月21日" not in browse("sun").get(reverse("night_list")).content.decode().partition("各夜")[2]


@pytest.mark.parametrize(("state", "shown"), [("degraded", "8月20日 周四"), ("published", "8月21日 周五")])
def test_the_list_is_narrowed_by_state(cast: Cast, browse: Browse, state: str, shown: str) -> None:
    make_night(cast, date(2026, 8, 20), outcome="degraded", figures={}, gates=[], missing=["daily_metrics"])
    make_night(cast)
    text = browse("zhao").get(reverse("night_list"), {"state": state}).content.decode()
    assert [day for day in ("8月20日 周四", "8月21日 周五") if day in text] == [shown]


def test_a_long_list_is_turned_by_pages(cast: Cast, browse: Browse) -> None:
    for back in range(30):
        JobRun.objects.create(
            name="night", branch=cast.branch, as_of=FRIDAY - timedelta(days=back), detail={"outcome": "published"}
        )
    first = browse("zhao").get(reverse("night_list"))
    following = browse("zhao").get(reverse("night_list") + first.context["next_url"])
    assert len(first.context["rows"]) == 25
    assert [(FRIDAY - row.run.as_of).days for row in following.context["rows"]] == [25, 26, 27, 28, 29]


def test_a_refused_night_says_which_gate_and_offers_both_ways_on(cast: Cast, browse: Browse) -> None:
    closed = gate("tiers", "等级变更", passed=False, value="7.00%")
    text = page(browse, make_night(cast, outcome="refused", gates=[closed]))
    assert "关口未通过：等级变更 7.00%" in text
    assert "换文件后重跑" in text
    assert "核对后放行" in text


def test_a_gate_that_protects_the_client_is_not_offered_to_be_let_pass(cast: Cast, browse: Browse) -> None:
    text = page(browse, make_night(cast, outcome="refused", gates=[gate("denied", "未授权的联系", passed=False)]))
    assert "核对后放行" not in text


def test_letting_a_gate_pass_needs_a_reason(cast: Cast, browse: Browse) -> None:
    run = make_night(cast, outcome="refused", gates=[gate("tiers", "等级变更", passed=False)])
    response = browse("zhao").post(reverse("night_accept", args=[run.pk]), {"gates": ["tiers"], "reason": ""})
    assert response.status_code == 422
    run.refresh_from_db()
    assert "accepted" not in run.detail


def test_a_night_that_moved_on_meanwhile_is_a_conflict(cast: Cast, browse: Browse) -> None:
    run = make_night(cast, outcome="refused", gates=[gate("tiers", "等级变更", passed=False)])
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.RUNNING)
    response = browse("zhao").post(reverse("night_accept", args=[run.pk]), {"gates": ["tiers"], "reason": "已核对"})
    assert response.status_code == 409


def test_a_degraded_night_says_what_is_missing_and_what_stands(cast: Cast, browse: Browse) -> None:
    text = page(browse, make_night(cast, outcome="degraded", figures={}, gates=[], missing=["daily_metrics", "trades"]))
    assert "缺 <b>daily_metrics、trades</b>" in text
    assert "数据已齐，补跑" in text
    assert "未评估" in text


def test_a_step_that_saw_nothing_of_what_it_should_is_marked(cast: Cast, browse: Browse) -> None:
    run = make_night(cast, hollow=["signals"])
    JobRun.objects.filter(name="night.signals").update(rows_seen=0, rows_expected=6318)
    text = page(browse, run)
    assert "应有 6,318，实为 0" in text
    assert "有步骤应处理却一行未处理" in text


def test_a_running_night_shows_how_far_it_is_and_asks_again(cast: Cast, browse: Browse) -> None:
    run = make_night(cast, step="signals")
    JobRun.objects.filter(pk=run.pk).update(
        state=JobRun.State.RUNNING, finished_at=None, lease_until=timezone.now() + timedelta(minutes=5)
    )
    text = page(browse, run)
    done = [step.code for step in STEPS].index("signals")
    assert f"正在运行：MOT 事件（{done} / {len(STEPS)} 步）" in text
    assert 'hx-trigger="every 2s"' in text
    assert "刷新" in text
    assert browse("zhao").get(reverse("night_live", args=[run.pk])).status_code == 200


def test_a_worker_that_gave_no_sign_for_a_quarter_of_an_hour_is_called_dead(cast: Cast, browse: Browse) -> None:
    run = make_night(cast)
    JobRun.objects.filter(pk=run.pk).update(
        state=JobRun.State.RUNNING, lease_until=timezone.now() - timedelta(minutes=1)
    )
    assert "执行者中断" in page(browse, run)


def test_a_page_that_waited_is_sent_to_the_result(cast: Cast, browse: Browse) -> None:
    run = make_night(cast, answer={"at": 1_800_000_000, "outcome": "nothing_new"})
    response = browse("zhao").get(reverse("night_live", args=[run.pk]), {"asked": "1799999999"})
    assert response.headers["HX-Redirect"] == reverse("night_detail", args=[run.pk])


def test_asking_for_a_night_leads_to_where_it_is_followed(cast: Cast, browse: Browse) -> None:
    response = browse("zhao").post(reverse("night_run"), {"day": "2026-08-20"})
    run = JobRun.objects.get(name="night", as_of=date(2026, 8, 20))
    assert response.headers["Location"].startswith(f"{reverse('night_detail', args=[run.pk])}?asked=")
    assert "已排队" in browse("zhao").get(response.headers["Location"]).content.decode()


def test_who_may_only_read_gets_no_buttons(cast: Cast, browse: Browse) -> None:
    text = page(browse, make_night(cast, outcome="refused", gates=[gate("tiers", "等级变更", passed=False)]), "qian")
    assert "换文件后重跑" not in text
    assert "核对后放行" not in text


def test_queries_do_not_grow_with_the_nights(cast: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    runs = [make_night(cast, FRIDAY - timedelta(days=back)) for back in range(50)]
    zhao = browse("zhao")
    with query_budget("night_list"):
        zhao.get(reverse("night_list"))
    with query_budget("night_detail"):
        zhao.get(reverse("night_detail", args=[runs[1].pk]))
