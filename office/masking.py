"""Personal values as they are shown before an audited click."""

STAR = "*"
SHORTEST = 8  # characters; anything shorter would show more than it hides and is hidden whole


def _mask(text: str, head: int, tail: int) -> str:
    return text[:head] + STAR * (len(text) - head - tail) + text[len(text) - tail :]


def mask_phone(number: str) -> str:
    """Return a phone number with its middle hidden: 138****6021, 0571****6021, "" for ""."""
    plain = "".join(number.split()).replace("-", "")
    return _mask(plain, 3, 4) if len(plain) >= SHORTEST else STAR * len(plain)


def mask_identity(number: str) -> str:
    """Return an identity number as its place and last two characters: 3301************2X, "" for ""."""
    plain = "".join(number.split()).upper()
    return _mask(plain, 4, 2) if len(plain) >= SHORTEST else STAR * len(plain)


def mask_account(number: str) -> str:
    """Return an account or card number by its last four characters, "" for ""."""
    plain = "".join(number.split())
    return STAR * max(len(plain) - 4, 0) + plain[-4:] if len(plain) >= SHORTEST else STAR * len(plain)
