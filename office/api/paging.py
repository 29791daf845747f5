"""Lists by cursor: every page costs the same, and nothing is passed over while rows come in."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from office.paging import Page, keyset_page

SIZE, LARGEST = 100, 500  # rows of a page
LONGEST_CURSOR = 500  # characters
DIGITS = 9  # of a number of rows, zeros in front included
CURSOR = re.compile(r"[A-Za-z0-9_-]+")


class CursorPaging(BasePagination):
    """`?cursor=` goes on where the page before ended; the view's `order` is the list's one order."""

    page: Page[Any]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        cursor = request.query_params.get("cursor", "")
        if cursor and (len(cursor) > LONGEST_CURSOR or not CURSOR.fullmatch(cursor)):
            raise ValidationError({"cursor": ["这不是游标"]})
        self.page = keyset_page(queryset, list(view.order), cursor, _size(request.query_params.get("limit", "")))
        if cursor and self.page.rows and not self.page.previous:  # it began anew: the cursor was none of this list
            raise ValidationError({"cursor": ["游标不属于这个列表，请从第一页开始"]})
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.page.next or None})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page of `schema` rows."""
        following = {"type": "string", "nullable": True, "description": "下一页的游标；null 表示没有下一页"}
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": following},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe `cursor` and `limit`."""
        return [
            _parameter(
                "cursor",
                "上一页回答中的 next",
                {"type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR, "pattern": f"^{CURSOR.pattern}$"},
            ),
            _parameter("limit", "每页行数", {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}),
        ]


def _parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def _size(text: str) -> int:
    if not text:
        return SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS and 1 <= int(text) <= LARGEST):
        raise ValidationError({"limit": [f"应为 1 至 {LARGEST} 的整数"]})
    return int(text)
