"""Bodies as they arrive: small JSON read whole, large files handed on as a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

JSON_BYTES = 256 << 10  # of one JSON body
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; an even number of backslashes before is text


class BodyTooLarge(APIException):
    """The body outgrows what this address takes."""

    status_code = 413
    default_detail = "内容过大"
    default_code = "too_large"


class SmallJSON(BaseParser):
    """JSON of at most JSON_BYTES in UTF-8, an object at the top; no NaN, NUL or half characters."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read(JSON_BYTES + 1)
        if len(raw) > JSON_BYTES:
            raise BodyTooLarge(f"内容超过 {JSON_BYTES >> 10} KB")
        try:
            found = json.loads(raw.decode(), parse_constant=_no_number)
            if NUL.search(json.dumps(found, ensure_ascii=False).encode()):
                raise ValueError("PostgreSQL holds no NUL")
        except (ValueError, RecursionError):
            raise ParseError("内容不是 UTF-8 编码的 JSON") from None
        if not isinstance(found, dict):
            raise ParseError("内容应为一个 JSON 对象")
        return found


class CsvStream(BaseParser):
    """A CSV file, unread: the view copies it in pieces."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        return stream


class NdjsonStream(CsvStream):
    """A JSON object a line, unread."""

    media_type = "application/x-ndjson"


def _no_number(text: str) -> Any:
    raise ValueError(text)
