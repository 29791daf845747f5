"""The secrets of a private instance, made once and kept beside its data."""

import base64
import json
import os
import secrets
from pathlib import Path


def private_secrets(data: Path) -> dict[str, str]:
    """Return SECRET_KEY, CRM_FIELD_KEYS, CRM_INDEX_KEY and PASSWORD of the instance in `data`."""
    path = data / "secrets.json"
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "CRM_FIELD_KEYS": f"1:{_key()}",
            "CRM_INDEX_KEY": _key(),
            "PASSWORD": secrets.token_urlsafe(24),
        }
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(made, file)
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
