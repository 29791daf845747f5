"""Personal fields at rest: sealed, found by a keyed hash, readable after the keys were rotated."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings

from clients.models import Client
from office.crypto import blind_index, decrypt, encrypt
from tests.clients.deliveries import row, take_in
from tests.conftest import Cast

OLD = "1:" + "A" * 43 + "="
BOTH = f"{OLD},2:" + "B" * 42 + "A="
NEW = "2:" + "B" * 42 + "A="
PHONE = "13800138000"


def test_the_same_text_is_sealed_differently_each_time_and_comes_back() -> None:
    first, second = encrypt(PHONE), encrypt(PHONE)
    assert first != second
    assert decrypt(first) == decrypt(second) == PHONE
    assert (encrypt(""), decrypt(b"")) == (b"", "")


def test_the_newest_key_seals_and_every_known_key_opens() -> None:
    with override_settings(CRM_FIELD_KEYS=OLD):
        old = encrypt(PHONE)
    with override_settings(CRM_FIELD_KEYS=BOTH):
        new = encrypt(PHONE)
        assert (old[0], new[0]) == (1, 2)
        assert decrypt(old) == decrypt(new) == PHONE
    with override_settings(CRM_FIELD_KEYS=NEW):
        assert decrypt(new) == PHONE
        with pytest.raises(KeyError):
            decrypt(old)


def test_a_changed_byte_is_not_read() -> None:
    sealed = bytearray(encrypt(PHONE))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        decrypt(bytes(sealed))


@pytest.mark.parametrize("keys", ["", "1", "x:AAAA", "1:AAAA", "1:not base64!"])
def test_keys_that_are_none_are_named(keys: str) -> None:
    with override_settings(CRM_FIELD_KEYS=keys), pytest.raises(ImproperlyConfigured, match="CRM_FIELD_KEYS"):
        encrypt(PHONE)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (PHONE, " 138 0013 8000 "),
        ("11010119900307002X", "11010119900307002x"),
        ("11010119900307002X", "110101 19900307002X"),
    ],
)
def test_case_and_blanks_do_not_hide_a_number(stored: str, typed: str) -> None:
    assert blind_index(stored) == blind_index(typed)


def test_an_index_says_nothing_without_its_key() -> None:
    found = blind_index(PHONE)
    assert len(found) == 64
    assert PHONE not in found
    assert blind_index(" ") == ""
    with override_settings(CRM_INDEX_KEY="A" * 43 + "="):
        assert blind_index(PHONE) != found


@pytest.mark.django_db
def test_the_database_never_sees_the_number_and_finds_the_client(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path, {"clients.csv": [row("clients", phone=PHONE)]})
    client = Client.objects.get(client_no="880100000009")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM clients_client WHERE id = %s", [client.pk])
        assert PHONE.encode() not in bytes(cursor.fetchone()[0])
    assert Client.objects.get(phone_index=blind_index(PHONE)) == client
    assert client.phone == PHONE
