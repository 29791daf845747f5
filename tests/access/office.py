"""Access to the pages of office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from office.models import Leave, SavedView
from tests.access.row import Row, li
from tests.conftest import PASSWORD, Cast
from tests.keys import make_service_key

LEAVE = {"starts_on": "2026-09-01", "ends_on": "2026-09-02", "substitute": "", "note": ""}
YEAR = {"year": "2027", "text": "2027-01-01,休息,元旦"}
RECORD = {"name": "郭静", "roles": "client_manager", "employment": "permanent", "registration": "general"}


def li_in_words(cast: Cast) -> Mapping[str, Any]:
    return {**RECORD, "name": cast.li.name, "version": cast.li.version}


def team(cast: Cast) -> Mapping[str, Any]:
    return {"pk": cast.team.pk}


def leave(cast: Cast) -> Mapping[str, Any]:
    day = date(2026, 9, 1)
    return {"pk": Leave.objects.create(employee=cast.li, starts_on=day, ends_on=day).pk}


def view(cast: Cast) -> Mapping[str, Any]:
    """A view that li saved."""
    return {"pk": SavedView.objects.create(employee=cast.li, page="clients:list", name="常用").pk}


def departed(cast: Cast) -> Mapping[str, Any]:
    cast.wang.is_active = False
    cast.wang.save(update_fields=["is_active"])
    return {"pk": cast.wang.pk}


def key(cast: Cast) -> Mapping[str, Any]:
    """A key of the branch for another system."""
    return {"pk": make_service_key(cast.zhao)[0].pk}


def nothing(cast: Cast) -> Mapping[str, Any]:
    """A form with nothing filled in."""
    return {"sent": "1"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("office:health", "200 200 200 200 200 200 200 200 200"),
    Row("office:login", "200 200 200 200 200 200 200 200 200"),
    Row("office:login", "422 422 422 422 422 422 422 422 422", method="post", data=nothing),
    Row("office:logout", "302 405 405 405 405 405 405 405 405"),
    Row("office:logout", "302 302 302 302 302 302 302 302 302", method="post"),
    Row("office:password_change", "302 200 200 200 200 200 200 200 200"),
    Row(
        "office:password_change",
        "302 422 422 422 422 422 422 422 422",
        method="post",
        data=lambda cast: {"old_password": PASSWORD},
    ),
    # The desk
    Row("office:notice_list", "302 200 200 200 200 200 200 200 200"),
    Row("office:notice_read", "302 302 302 302 302 302 302 302 302", method="post"),
    Row("office:view_save", "302 404 404 404 404 404 404 404 404"),
    Row("office:view_rename", "302 200 404 404 404 404 404 404 404", view),
    Row("office:view_rename", "302 302 404 404 404 404 404 404 404", view, "post", lambda cast: {"name": "本周"}),
    Row("office:view_delete", "302 200 404 404 404 404 404 404 404", view),
    Row("office:view_delete", "302 302 404 404 404 404 404 404 404", view, "post"),
    # Staff and teams
    Row("office:staff_list", "302 403 403 200 200 200 403 200 200"),
    Row("office:staff_create", "302 403 403 403 200 403 403 200 200"),
    Row(
        "office:staff_create",
        "302 403 403 403 200 403 403 200 200",
        method="post",
        data=lambda cast: {**RECORD, "staff_no": "3001"},
    ),
    Row("office:staff_detail", "302 200 403 200 200 200 403 200 404", li),
    Row("office:staff_edit", "302 403 403 403 200 403 403 200 404", li),
    Row("office:staff_edit", "302 403 403 403 302 403 403 302 404", li, "post", li_in_words),
    Row("office:staff_deactivate", "302 403 403 403 200 403 403 200 404", li),
    Row("office:staff_deactivate", "302 403 403 403 422 403 403 422 404", li, "post", nothing),
    Row("office:staff_reactivate", "302 403 302 403 200 403 403 200 404", departed),
    Row("office:staff_reactivate", "302 403 302 403 302 403 403 302 404", departed, "post"),
    Row("office:staff_password", "302 403 403 403 200 403 403 200 404", li),
    Row("office:staff_password", "302 403 403 403 200 403 403 200 404", li, "post"),
    Row("office:staff_skills", "302 403 403 200 200 403 403 403 404", li),
    Row("office:staff_skills", "302 403 403 422 422 403 403 403 404", li, "post", nothing),
    Row("office:staff_capacity", "302 403 403 403 200 403 403 200 404", li),
    Row("office:staff_capacity", "302 403 403 403 422 403 403 422 404", li, "post", nothing),
    Row("office:leave_create", "302 403 403 403 200 403 403 200 404", li),
    Row("office:leave_create", "302 403 403 403 302 403 403 302 404", li, "post", lambda cast: LEAVE),
    Row("office:leave_cancel", "302 403 403 403 200 403 403 200 404", leave),
    Row("office:leave_cancel", "302 403 403 403 302 403 403 302 404", leave, "post"),
    Row("office:team_list", "302 403 403 200 200 200 403 200 200"),
    Row("office:team_create", "302 403 403 403 200 403 403 200 200"),
    Row(
        "office:team_create", "302 403 403 403 302 403 403 302 302", method="post", data=lambda cast: {"name": "二团队"}
    ),
    Row("office:team_edit", "302 403 403 403 200 403 403 200 404", team),
    Row("office:team_edit", "302 403 403 403 302 403 403 302 404", team, "post", lambda cast: {"name": "三团队"}),
    # Keys of other systems
    Row("office:key_list", "302 403 403 403 200 200 403 200 200"),
    Row("office:key_create", "302 403 403 403 200 403 403 403 200"),
    Row("office:key_create", "302 403 403 403 422 403 403 403 422", method="post", data=nothing),
    Row("office:key_detail", "302 403 403 403 200 200 403 200 404", key),
    Row("office:key_rotate", "302 403 403 403 200 403 403 403 404", key),
    Row("office:key_rotate", "302 403 403 403 200 403 403 403 404", key, "post"),
    Row("office:key_revoke", "302 403 403 403 200 200 403 200 404", key),
    Row("office:key_revoke", "302 403 403 403 302 302 403 302 404", key, "post", lambda cast: {"reason": "合同终止"}),
    # Calendar and audit
    Row("office:calendar", "302 403 403 200 200 200 403 200 200"),
    Row("office:calendar_upload", "302 403 403 403 403 403 403 200 403"),
    Row("office:calendar_upload", "302 403 403 403 403 403 403 422 403", method="post", data=lambda cast: YEAR),
    Row("office:audit_list", "302 403 403 403 403 200 403 403 403"),
    Row("office:audit_export", "302 405 405 405 405 405 405 405 405"),
    Row("office:audit_export", "302 403 403 403 403 200 403 403 403", method="post"),
]
