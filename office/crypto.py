"""Personal fields: encrypted at rest, found again through a keyed hash.

A stored value is `key id (1 byte) + nonce (12 bytes) + AES-256-GCM ciphertext`, so keys can be
rotated: the highest id encrypts, every known id decrypts.
"""

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12


@cache
def _keys(spec: str) -> dict[int, AESGCM]:
    try:
        pairs = [part.split(":", 1) for part in spec.split(",")]
        return {int(key_id): AESGCM(base64.b64decode(key, validate=True)) for key_id, key in pairs}
    except ValueError as error:
        raise ImproperlyConfigured("CRM_FIELD_KEYS must read 1:base64 of 32 bytes[,2:…]") from error


def encrypt(text: str) -> bytes:
    """Return `text` encrypted under the newest key; the empty string stays empty."""
    if not text:
        return b""
    keys = _keys(settings.CRM_FIELD_KEYS)
    key_id = max(keys)
    nonce = os.urandom(NONCE_BYTES)
    return bytes([key_id]) + nonce + keys[key_id].encrypt(nonce, text.encode(), None)


def decrypt(stored: bytes) -> str:
    """Return the text behind `stored`. Raises InvalidTag if it was tampered with, KeyError if its key is gone."""
    if not stored:
        return ""
    key_id, nonce, sealed = stored[0], stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
    return _keys(settings.CRM_FIELD_KEYS)[key_id].decrypt(nonce, sealed, None).decode()


def blind_index(text: str) -> str:
    """Return the keyed hash under which an encrypted value is looked up; "" for "".

    Letters are folded to upper case and blanks dropped first, so that 110101…x is found as 110101…X.
    """
    plain = "".join(text.split()).upper()
    if not plain:
        return ""
    return keyed_hash(plain)


def keyed_hash(text: str) -> str:
    """Return the HMAC-SHA256 of `text` as it stands, under the index key, in hexadecimal."""
    key = base64.b64decode(settings.CRM_INDEX_KEY)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic only in the stubs
    """Text that the database sees only as ciphertext; lookups go through a blind index beside it."""

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return encrypt(value) if isinstance(value, str) else value
