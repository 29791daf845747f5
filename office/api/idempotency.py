"""`Idempotency-Key`: a write that is sent twice happens once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from office.api.authentication import caller
from office.operations.idempotency import Asked, begin, finish, release

HEADER = "Idempotency-Key"
LONGEST = 100  # characters
Handler = Callable[..., Response]


def once(handler: Handler) -> Handler:
    """Let a `post` of a view run once per Idempotency-Key; a repeat gets the same answer, marked as one.

    The write and its answer are kept in one transaction, so nothing is done without its answer being known.
    """

    @wraps(handler)
    def guarded(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        call = begin(_asked(request), timezone.now())
        if call.status is not None:
            return Response(call.body, status=call.status, headers={"Idempotent-Replayed": "true"})
        with ExitStack() as if_refused:
            if_refused.callback(release, call)  # nothing was done, the key is free again
            with transaction.atomic():
                response = handler(view, request, *args, **kwargs)
                finish(call, response.status_code, JSONRenderer().render(response.data))
            if_refused.pop_all()
        return response

    guarded.is_once = True  # type: ignore[attr-defined]  # read by the description and by its test
    return guarded


def _asked(request: Request) -> Asked:
    name = request.headers.get(HEADER, "")
    if not name or len(name) > LONGEST or not (name.isascii() and name.isprintable()):
        raise ValidationError({HEADER: [f"每次写入都要带这个请求头：不超过 {LONGEST} 个可见字符，每件事一个"]})
    said = json.dumps(request.data, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).hexdigest()
    return Asked(caller(request), request.path[:200], name, digest)
