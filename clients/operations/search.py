"""Keeps the search tokens in step with names, numbers and phones."""

from collections.abc import Iterable

import numpy as np
from django.db import connection, transaction

from clients.models import Client, SearchToken
from clients.operations.copying import Values, copy_in
from clients.search import tokens_of

BATCH = 20_000  # clients at a time


@transaction.atomic
def write_tokens(client_ids: Iterable[int]) -> int:
    """Write the tokens of these clients anew; return how many there are."""
    ids, written = list(client_ids), 0
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        SearchToken.objects.filter(client_id__in=some).delete()
        rows = [
            (branch_id, client_id, token)
            for client_id, branch_id, name, client_no, tail in Client.objects.filter(pk__in=some)
            .order_by("pk")
            .values_list("pk", "branch_id", "name", "client_no", "phone_tail")
            for token in tokens_of(name, client_no, tail)
        ]
        if rows:
            branches, clients, tokens = zip(*rows, strict=True)
            with connection.cursor() as cursor:
                copy_in(
                    cursor,
                    SearchToken._meta.db_table,
                    [
                        Values("branch_id", "int8", np.array(branches, np.int64)),
                        Values("client_id", "int8", np.array(clients, np.int64)),
                        Values("token", "text", np.array(tokens, object)),
                    ],
                )
        written += len(rows)
    return written
