"""Who keeps the system: two people at one record, a bad file from the counter, and whether the night may be trusted."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.visit import ADMIN, DIRECTOR, PATIENCE_MS, Street, Visit

pytestmark = pytest.mark.browser

IMPORTING_MS = 2 * PATIENCE_MS
BAD_FILE = "\n".join(
    (
        "client_id,branch_no,client_name,client_type,open_date,status",
        "660199900001,6601,郑云舟,0,2024-01-02,normal",
        "660199900002,6601,何一诺,0,2024-13-02,normal",
        "660199900003,9999,蒋平,0,2024-01-02,normal",
    )
)


def opened_record(street: Street, who: str) -> Visit:
    """Return the form of 王珂 as that person has it open."""
    visit = street.visit(who)
    visit.go("/staff/?q=660107")
    visit.click(visit.page.locator("main a.nm").filter(has_text="王珂").first)
    visit.click("编辑资料")
    return visit


def test_two_people_at_one_record_decide_field_by_field(street: Street) -> None:
    first, second = opened_record(street, ADMIN), opened_record(street, DIRECTOR)
    first.page.get_by_label("办公电话").fill("0571-0000-0111")
    first.click("保存资料")
    first.sees("资料已保存")
    second.expected = (409,)
    second.page.get_by_label("办公电话").fill("0571-0000-0222")
    second.click("保存资料")
    second.sees("孙达")
    second.sees("您的内容还在")
    heads = second.page.locator(".cf thead th").all_inner_texts()
    assert (heads[0], heads[1], heads[3]) == ("项目", "原内容", "您的内容")
    assert heads[2].endswith("已保存")
    second.shoot("conflict")
    second.page.get_by_label("0571-0000-0222").check()
    second.click("按所选保存")
    second.sees("0571-0000-0222")


@pytest.mark.worker
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_lands(street: Street) -> None:
    visit = street.visit(ADMIN)
    visit.go("/clients/batches/upload/")
    sent = FilePayload(name="clients.csv", mimeType="text/csv", buffer=BAD_FILE.encode())
    visit.page.locator("input[type=file]").set_input_files(files=[sent])
    visit.click("上传并导入")
    visit.page.locator("#batch:not([hx-get])").wait_for(timeout=IMPORTING_MS)
    visit.click("隔离行")
    refused = visit.page.locator(".refused-t tbody tr")
    expect(refused).to_have_count(2)
    expect(refused.filter(has_text="2024-13-02")).to_contain_text("开户")
    expect(refused.filter(has_text="9999")).to_contain_text("营业部")
    visit.shoot("refused-rows")


def test_the_night_shows_every_step_and_every_gate(street: Street) -> None:
    visit = street.visit(ADMIN)
    visit.go("/night/")
    visit.click(visit.page.locator("main table a").first)
    visit.sees("已发布")
    steps = visit.page.locator(".steps-t tbody tr:not(.sum)")
    assert steps.count() >= 10
    assert set(steps.locator("td:nth-child(3)").all_inner_texts()) == {"完成"}
    gates = visit.page.locator(".gates tbody tr")
    assert gates.count() >= 10
    expect(gates.first).to_contain_text("%")
