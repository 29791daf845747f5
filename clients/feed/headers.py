"""What the header of a file says it is."""

from dataclasses import dataclass

from clients.feed.layout import Column, Layout
from clients.feed.layouts import LAYOUTS
from clients.feed.refusal import FileRefused

ALIKE = 0.6  # share of needed columns from which a header is ours with a column missing


@dataclass(frozen=True)
class Header:
    """The header of one file, understood: the layout, where each column stands, and what was not known."""

    layout: Layout
    places: dict[str, int]
    width: int
    ignored: tuple[str, ...]


def recognise(names: list[str], file_name: str) -> Header | None:
    """Return what the header says the file is, or None if it is none of ours.

    Raises FileRefused if it is ours but lacks a column, or names one twice.
    """
    clean = [name.strip().strip('"').strip() for name in names]
    matches = [_match(layout, clean) for layout in LAYOUTS]
    whole = [match for match in matches if not _lacking(match)]
    if whole:
        best = max(whole, key=lambda match: len(match.places))
    else:
        best = max(matches, key=lambda match: _likeness(match, file_name))
        if _likeness(best, file_name) < ALIKE:
            return None
        lacking = "、".join(f"{column.title}（{column.name}）" for column in _lacking(best))
        raise FileRefused("wrong_header", f"像是{best.layout.title}文件，但缺少列：{lacking}。请补齐列后重新导出")
    known = [name for name in clean if name.lower() in _names(best.layout)]
    if len(known) > len(best.places):
        raise FileRefused("wrong_header", "表头中同一列出现了两次。请去掉重复的列后重新导出")
    return best


def kind_of_name(file_name: str) -> str:
    """Return the kind of file that a name tells ("trades_0821.csv.gz": trades), "" if it tells none."""
    name = file_name.rpartition("/")[2].lower()
    told = {start: layout.kind for layout in LAYOUTS for start in (layout.kind, layout.title) if name.startswith(start)}
    return told[max(told, key=len)] if told else ""


def _names(layout: Layout) -> dict[str, str]:
    return {header.lower(): column.name for column in layout.columns for header in column.headers}


def _match(layout: Layout, names: list[str]) -> Header:
    meaning = _names(layout)
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name.lower() in meaning:
            places.setdefault(meaning[name.lower()], place)
    ignored = tuple(name for name in names if name.lower() not in meaning)
    return Header(layout, places, len(names), ignored)


def _lacking(match: Header) -> list[Column]:
    return [column for column in match.layout.columns if column.in_header and column.name not in match.places]


def _likeness(match: Header, file_name: str) -> float:
    """The share of needed columns that are there, 0 to 1; the file's name counts as much as all of them."""
    needed = sum(column.in_header for column in match.layout.columns)
    named = file_name.lower().startswith((match.layout.kind, match.layout.title))
    return named + 1 - len(_lacking(match)) / needed
