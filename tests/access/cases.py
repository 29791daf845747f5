"""Access to retention cases: the board, one case, what is done in it, how they open."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from clients.models import Client
from retention.models import ClosureRequest, RetentionCase
from retention.operations.case_settings import in_figures
from retention.operations.cases import close_case, offer
from retention.operations.closures import register_request
from retention.operations.opening import open_by_hand
from retention.queries.cases import setting_of
from tests.access.row import Row, wu
from tests.conftest import Cast
from tests.retention.making import CONCERN, assessed

PURPOSE = {"reason": "挽留例会"}
SETTING = {"talk_minutes": "15", "opens_from": "3", "drills_per_quarter": "1"}


def case(cast: Cast) -> dict[str, Any]:
    """The open case of wu; no request lies behind it, so the desk knows nothing of it."""
    held = RetentionCase.objects.filter(client=cast.wu, state="open").first()
    made = held or open_by_hand(Client.objects.get(pk=cast.wu.pk), CONCERN, by=cast.li)
    return {"pk": made.pk}


def closed(cast: Cast) -> dict[str, Any]:
    """A closed case of wu."""
    held = RetentionCase.objects.filter(client=cast.wu, state="closed").first()
    if held is None:
        held = RetentionCase.objects.get(pk=case(cast)["pk"])
        close_case(held, outcome="kept", by=cast.li)
    return {"pk": held.pk}


def offered(cast: Cast) -> dict[str, Any]:
    """An offer in wu's case that waits for his answer."""
    assessed(cast.wu)
    made = RetentionCase.objects.get(pk=case(cast)["pk"])
    waiting = made.offers.filter(answer="waiting").first() or offer(made, kind="service", text="专人服务", by=cast.li)
    return {"pk": made.pk, "offer_pk": waiting.pk}


def asked(cast: Cast) -> dict[str, Any]:
    """A request of wu that has no case."""
    RetentionCase.objects.filter(client=cast.wu).delete()
    held = ClosureRequest.objects.filter(client=cast.wu).first()
    return {"pk": (held or register_request(cast.wu, kind="close", channel="counter", by=cast.zhou)).pk}


def version(cast: Cast) -> dict[str, Any]:
    """The version of wu's latest case."""
    return {"version": RetentionCase.objects.filter(client=cast.wu).latest("pk").version}


def talk(cast: Cast) -> dict[str, Any]:
    """What the form of a talk sends."""
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return version(cast) | {"at": at, "minutes": "8", "summary": "说起费率"}


def setting(cast: Cast) -> dict[str, Any]:
    """What the form of the settings sends, upon what stands."""
    stands = in_figures(setting_of(cast.branch.pk))
    return SETTING | {f"seen_{name}": value for name, value in stands.items()}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("retention:case_board", "302 200 200 200 200 200 200 403 200"),
    Row("retention:case_export", "302 403 403 200 200 200 403 403 200"),
    Row("retention:case_export", "302 403 403 200 200 200 403 403 200", method="post", data=lambda cast: PURPOSE),
    Row("retention:case_settings", "302 403 403 403 200 403 403 403 200"),
    Row("retention:case_settings", "302 403 403 403 302 403 403 403 302", method="post", data=setting),
    Row("retention:case_detail", "302 200 404 200 200 200 404 403 404", case),
    Row("retention:case_talk", "302 200 404 200 200 403 404 403 404", case),
    Row("retention:case_talk", "302 302 404 302 302 403 404 403 404", case, "post", talk),
    Row("retention:case_decline", "302 405 405 405 405 405 405 405 405", case),
    Row("retention:case_decline", "302 302 404 302 302 403 404 403 404", case, "post", version),
    Row("retention:case_offer", "302 200 404 200 200 403 403 403 404", case),
    Row("retention:case_offer", "302 422 404 422 422 403 403 403 404", case, "post", version),
    Row("retention:case_answer", "302 405 405 405 405 405 405 405 405", offered),
    Row(
        "retention:case_answer", "302 302 404 302 302 403 403 403 404", offered, "post",
        lambda cast: {"answer": "taken"},
    ),
    Row("retention:case_let_go", "302 405 405 405 405 405 405 405 405", case),
    Row("retention:case_let_go", "302 302 404 302 302 403 404 403 404", case, "post", version),
    Row("retention:case_close", "302 200 404 200 200 403 404 403 404", case),
    Row(
        "retention:case_close", "302 302 404 302 302 403 404 403 404", case, "post",
        lambda cast: version(cast) | {"outcome": "kept"},
    ),
    Row("retention:case_learn", "302 200 404 200 200 403 404 403 404", closed),
    Row(
        "retention:case_learn", "302 302 404 302 302 403 404 403 404", closed, "post",
        lambda cast: version(cast) | {"learning": "早一点联系"},
    ),
    Row("retention:case_hand_over", "302 403 403 200 200 403 403 403 404", case),
    Row("retention:case_hand_over", "302 403 403 422 422 403 403 403 404", case, "post", version),
    Row("retention:case_open_client", "302 200 404 200 200 403 404 403 404", wu),
    Row(
        "retention:case_open_client", "302 302 404 302 302 403 404 403 404", wu, "post",
        lambda cast: {"concern": CONCERN},
    ),
    Row("retention:case_open", "302 200 404 200 200 403 200 403 404", asked),
    Row("retention:case_open", "302 302 404 302 302 403 302 403 404", asked, "post"),
]  # fmt: skip
