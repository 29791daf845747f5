"""Clients and accounts from the feed: bulk writes that leave alone what the branch knows better."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from clients.feed.checking import Table
from clients.feed.columns import day_of
from clients.feed.lookup import Lookup
from clients.feed.numbers import NONE
from clients.models import Account, Client, ClientStanding, ImportFile
from clients.operations.copying import Values
from clients.operations.feed_merge import Counts, Target, merge
from clients.operations.search import write_tokens
from office.crypto import blind_index, encrypt
from office.masking import mask_identity, mask_phone
from office.pinyin import initials, to_pinyin

# The counter speaks of these states; the others are set in the house, and only a closing overrules them.
COUNTER_STATES = "('active', 'low_activity', 'dormant', 'prospect')"
TEXT_COLUMNS = {  # column of the file → column of the table
    "client_name": "name",
    "client_type": "kind",
    "gender": "sex",
    "region": "region",
    "occupation": "occupation",
    "education_level": "education_level",
    "client_level": "counter_level",
    "risk_level": "risk_level",
    "invest_capacity": "invest_capacity",
    "id_type": "id_type",
    "service_mode": "service_mode",
    "status": "status",
}
DATE_COLUMNS = {
    "birth_date": "birth_date",
    "risk_eval_date": "risk_assessed_on",
    "risk_valid_to": "risk_valid_to",
    "id_valid_to": "id_valid_to",
    "open_date": "opened_on",
    "first_market_entry_on": "first_market_entry_on",
}
CHUNK = 20_000  # clients in one query
TAIL = 4  # digits of the phone that are searched for


def land_clients(table: Table, lookups: dict[str, Lookup], file: ImportFile) -> Counts:
    """Add and correct clients with standing, pinyin and search tokens. An empty value never overwrites one."""
    if not len(table):
        return Counts()
    numbers = table.columns["client_id"].tolist()
    known = _known(table, numbers)
    columns = _client_columns(table, lookups["branch"], known)
    target = Target(Client, ("client_no",), "s.client_no", _kept_if_empty(columns), has_day=False)
    counts = merge(target, columns, file)
    _add_standings(numbers)
    _follow_closings(numbers)
    write_tokens(_to_index(table, known))
    return counts


def _known(table: Table, numbers: list[str]) -> dict[str, tuple[str, str, str, str]]:
    """Return name, phone index, identity index and mail address of the clients who are there already."""
    fields = ["client_no", "name", "phone_index", "id_no_index"]
    if "email" in table.given:  # costs a decryption per client
        fields.append("email")
    return {
        no: (name, phone, id_no, mail[0] if mail else "")
        for some in _chunks(numbers)
        for no, name, phone, id_no, *mail in Client.objects.filter(client_no__in=some).values_list(*fields)
    }


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _client_columns(table: Table, branches: Lookup, known: dict[str, tuple[str, str, str, str]]) -> list[Values]:
    columns = table.columns
    names = columns["client_name"].tolist()
    found = [
        Values("client_no", "text", columns["client_id"]),
        Values("branch_id", "int8", branches.ids[columns["branch_no"]]),
        Values("pinyin", "text", _array([to_pinyin(name)[:240] for name in names])),
        Values("initials", "text", _array([initials(name)[:60] for name in names])),
        *(Values(column, "text", columns[name]) for name, column in TEXT_COLUMNS.items() if name in table.given),
        *(Values(column, "date", columns[name]) for name, column in DATE_COLUMNS.items() if name in table.given),
    ]
    if "birth_date" in table.given:
        days = [day_of(number) for number in columns["birth_date"]]
        month_days = [day.month * 100 + day.day if day else NONE for day in days]
        found.append(Values("birth_md", "int4", np.array(month_days, np.int64)))
    if "risk_level_predicted" in table.given:
        predicted = columns["risk_level_predicted"]
        found.append(Values("risk_is_predicted", "bool", predicted))
    return found + _sealed_columns(table, known)


def _sealed_columns(table: Table, known: dict[str, tuple[str, str, str, str]]) -> list[Values]:
    """Encrypt what is new; what is there already stays as it is, so that the same delivery changes nothing."""
    numbers = table.columns["client_id"].tolist()
    found: list[Values] = []
    for place, name in ((1, "phone"), (2, "id_no")):
        if name not in table.given:
            continue
        texts = ["".join(text.split()) for text in table.columns[name].tolist()]
        indexes = [blind_index(text) for text in texts]
        same = [known.get(no, ("", "", "", ""))[place] == index for no, index in zip(numbers, indexes, strict=True)]
        mask = mask_phone if name == "phone" else mask_identity
        found += [
            Values(name, "bytea", _sealed(texts, same)),
            Values(f"{name}_index", "text", _array(indexes)),
            Values(f"{name}_masked", "text", _array([mask(text)[:20] for text in texts])),
        ]
        if name == "phone":
            found.append(Values("phone_tail", "text", _array([text[-TAIL:] for text in texts])))
    if "email" in table.given:
        texts = table.columns["email"].tolist()
        same = [known.get(no, ("", "", "", ""))[3] == text for no, text in zip(numbers, texts, strict=True)]
        found.append(Values("email", "bytea", _sealed(texts, same)))
    return found


def _sealed(texts: list[str], same: list[bool]) -> npt.NDArray[Any]:
    return _array(["" if kept else encrypt(text).hex() for text, kept in zip(texts, same, strict=True)])


def _array(values: list[str]) -> npt.NDArray[Any]:
    return np.array(values, object)


def _kept_if_empty(columns: list[Values]) -> dict[str, str]:
    """Return how each column becomes what it is: by the feed's value where there is one."""
    becomes = {}
    for column in columns:
        staged, present = f's."{column.name}"', f't."{column.name}"'
        empty = {"text": "''", "bytea": "''::bytea"}.get(column.type)
        becomes[column.name] = f"COALESCE({f'NULLIF({staged}, {empty})' if empty else staged}, {present})"
    if "status" in becomes:
        house = f"t.status NOT IN {COUNTER_STATES} AND s.status <> 'closed'"
        becomes["status"] = f"CASE WHEN {house} THEN t.status ELSE {becomes['status']} END"
    return becomes


def _add_standings(numbers: list[str]) -> None:
    blank = ClientStanding()
    known = {"client_id", "branch_id", "is_closed"}
    rest = [f for f in ClientStanding._meta.concrete_fields if f.column not in known]
    names = ", ".join(str(f.column) for f in rest)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO clients_clientstanding (client_id, branch_id, is_closed, {names})"
            f" SELECT id, branch_id, status = 'closed', {', '.join(['%s'] * len(rest))} FROM clients_client"
            " WHERE client_no = ANY(%s) ON CONFLICT DO NOTHING",
            [*(f.get_db_prep_save(getattr(blank, f.attname), connection) for f in rest), numbers],
        )


def _follow_closings(numbers: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clients_clientstanding t SET is_closed = (c.status = 'closed') FROM clients_client c"
            " WHERE c.id = t.client_id AND c.client_no = ANY(%s) AND t.is_closed <> (c.status = 'closed')",
            [numbers],
        )


def _to_index(table: Table, known: dict[str, tuple[str, str, str, str]]) -> list[int]:
    """Return the clients who are found in another way than before: new, renamed, or with another phone."""
    phones = table.columns["phone"].tolist()
    changed = []
    for no, name, phone in zip(table.columns["client_id"], table.columns["client_name"], phones, strict=True):
        before = known.get(no)
        if before is None or before[0] != name or (phone and before[1] != blind_index(phone)):
            changed.append(no)
    return [
        pk
        for some in _chunks(changed)
        for pk in Client.objects.filter(client_no__in=some).order_by("pk").values_list("pk", flat=True)
    ]


def land_accounts(table: Table, lookups: dict[str, Lookup], file: ImportFile) -> Counts:
    """Add and correct accounts."""
    if not len(table):
        return Counts()
    columns = table.columns
    found = [
        Values("account_no", "text", columns["account_no"]),
        Values("branch_id", "int8", lookups["branch"].ids[columns["branch_no"]]),
        Values("client_id", "int8", lookups["client"].ids[columns["client_id"]]),
        Values("opened_on", "date", columns["open_date"]),
        Values("status", "text", columns["status"]),
    ]
    for name, column, kind in (
        ("account_type", "kind", "text"),
        ("close_date", "closed_on", "date"),
        ("agent_client_id", "agent_client_no", "text"),
    ):
        if name in table.given:
            found.append(Values(column, kind, columns[name]))
    return merge(Target(Account, ("account_no",), "s.account_no", _kept_if_empty(found), has_day=False), found, file)
