"""A script is read with its blanks filled as far as they are known; no raw blank is shown to whoever calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from service_logs.templatetags.script_words import has_blanks, spoken
from tests.conftest import Cast
from tests.service_logs.desk import noticed
from tests.service_logs.visiting import hu, owed_visit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我是您的客户经理【姓名】。", "我是您的客户经理李清。"),
        ("您好，我是【姓名】，您说。", "您好，我是李清，您说。"),
        ("这里是【营业部】客服【姓名】，", "这里是滨江营业部客服李清，"),
        ("1 < 2\n再说", "1 &lt; 2<br>再说"),
        ("没有 【 收口", "没有 【 收口"),
    ],
)
def test_what_is_known_is_filled_in(cast: Cast, text: str, said: str) -> None:
    assert spoken(text, cast.li) == said
    assert not has_blanks(spoken(text, cast.li))


@pytest.mark.parametrize("text", ["您认识【姓名】吗？", "由【姓名】负责", "编号是【编号】", "之前由【原经理】服务"])
def test_what_only_the_speaker_knows_is_marked_and_nobodys_name_is_guessed(cast: Cast, text: str) -> None:
    said = spoken(text, cast.li)
    assert has_blanks(said)
    assert "【" not in said
    assert cast.li.name not in said


def test_a_blank_cannot_smuggle_markup_in(cast: Cast) -> None:
    assert "<script>" not in spoken("【<script>】", cast.li)
    cast.li.name = "<b>"
    assert "<b>" not in spoken("我是【姓名】", cast.li)


def test_who_calls_reads_his_own_name_and_branch(browse: Callable[[str], Browser], cast: Cast) -> None:
    person = hu(cast)
    visit = owed_visit(cast.wu, person)
    browser = Browser()
    browser.force_login(person, backend="office.rights.RoleBackend")
    page = browser.get(reverse("service_logs:visit_record", args=[visit.pk])).content.decode()
    assert f"这里是{cast.branch.name}客服{person.name}" in page
    assert "【" not in page
    task = noticed(cast.wu, cast.li, "new_account_welcome")
    for who in ("li", "chen"):  # the leader reads what the manager says
        page = browse(who).get(task.get_absolute_url()).content.decode()
        assert f"我是您的客户经理{cast.li.name}" in page
        assert "【" not in page
