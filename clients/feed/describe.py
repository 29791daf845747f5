"""The feed format in words: docs/feed.md is made from the layouts, so the two cannot differ."""

from clients.feed.layout import Column, Layout
from clients.feed.layouts import LAYOUTS

KINDS = {
    "key": "text, the row's own number",
    "text": "text",
    "money": "yuan, at most two decimals, no thousands separators",
    "decimal": "number, at most six decimals",
    "date": "YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD",
    "choice": "one of the words below",
    "count": "whole number",
    "flag": "1 or 0",
    "period": "text; a row whose basis begins with PERIOD sums a whole period",
    "id_no": "identity number, encrypted at rest",
    "phone": "phone number, encrypted at rest",
    "email": "mail address, encrypted at rest",
    "account": "account_no of a known account",
    "client": "client_id of a known client",
    "branch": "code of a known branch",
}


def described() -> str:
    """Return the tables of every kind of file as Markdown."""
    return "\n".join(_layout(layout) for layout in LAYOUTS)


def _layout(layout: Layout) -> str:
    key = ", ".join(f"`{name}`" for name in layout.key) or "none"
    head = f"### `{layout.kind}` {layout.title}\n\nA row is identified by: {key}.\n"
    table = "| column | Chinese header | other headers | value | column | value in a row |\n|---|---|---|---|---|---|"
    rows = "\n".join(_column(column) for column in layout.columns)
    words = [_words(column) for column in layout.columns if column.choices]
    return "\n".join([head, table, rows, "", *words])


def _column(column: Column) -> str:
    others = ", ".join(f"`{name}`" for name in column.aliases) or "—"
    value = KINDS[column.kind] + (f", at most {column.limit} characters" if column.limit else "")
    value += ", may be negative" if column.signed else ""
    need = "required" if column.in_header else "optional"
    filled = "required" if column.filled else "may be empty"
    return f"| `{column.name}` | {column.title} | {others} | {value} | {need} | {filled} |"


def _words(column: Column) -> str:
    by_meaning: dict[str, list[str]] = {}
    for word, meaning in column.choices.items():
        by_meaning.setdefault(meaning, []).append(word)
    spelt = "; ".join(f"`{meaning}` ← {', '.join(words)}" for meaning, words in by_meaning.items())
    return f"`{column.name}`: {spelt}.\n"
