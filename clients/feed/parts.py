"""Parts of a file that come by REST: what they are, and how they become the file a delivery holds."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from clients.feed import encoding, files
from clients.feed.headers import recognise
from clients.feed.layout import Layout
from clients.feed.layouts import LAYOUTS
from clients.feed.refusal import FileRefused

KINDS = {layout.kind: layout for layout in LAYOUTS}
CSV, NDJSON = "csv", "ndjson"
LONGEST_NAME = 80  # characters of a column
MAX_LINES = 1_000_000  # of one NDJSON part: it is read while its sender waits


def columns_of(path: Path, kind: str, form: str) -> list[str]:
    """Return the columns a part names, in order. Raises FileRefused if it is none of that kind."""
    if form == CSV:
        return _of_header(path, kind)
    return _of_objects(path, KINDS[kind])


def join(parts: list[Path], columns: list[str], form: str, target: Path) -> None:
    """Write the parts of one kind as one CSV file; a single CSV part is taken as it lies.

    Raises FileRefused if a part cannot be read to its end, or all of them outgrow what one file may be.
    """
    if form == CSV and len(parts) == 1:
        target.hardlink_to(parts[0])
        return
    with target.open("wb") as whole:
        if form == CSV:
            for place, part in enumerate(parts):
                _append(part, whole, with_header=place == 0)
                _check_size(whole.tell())
            return
    with target.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(columns)
        for part in parts:
            writer.writerows([_cell(row.get(name)) for name in columns] for _, row in _objects(part))
            _check_size(text.tell())


def _of_header(path: Path, kind: str) -> list[str]:
    text = files.header_line(files.Taken(path.name, path, ""))
    names = [name.strip().strip('"').strip() for name in text.decode(encoding.detect(text, ()), "replace").split(",")]
    header = recognise(names, f"{kind}.csv")
    if header is None or header.layout.kind != kind:
        raise FileRefused("wrong_header", f"表头不像{KINDS[kind].title}文件。请核对地址中的文件种类")
    return [name[:LONGEST_NAME] for name in names]


def _of_objects(path: Path, layout: Layout) -> list[str]:
    known = {header for column in layout.columns for header in column.headers}
    found: dict[str, None] = {}
    for line, row in _objects(path):
        strange = row.keys() - found.keys() - known
        if strange:
            raise FileRefused("wrong_header", f"第 {line} 行有不认识的字段：{min(strange)[:LONGEST_NAME]}")
        found |= dict.fromkeys(row)
        if any(isinstance(value, dict | list) for value in row.values()):
            raise FileRefused("wrong_line", f"第 {line} 行的字段值应为文本、数字、是否或空")
    if not found:
        raise FileRefused("empty", "文件为空：请重新导出")
    return list(found)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield line number and object of every line that is not blank; numbers stay as they were written."""
    for line, raw in enumerate(_lines(path), 1):
        if line > MAX_LINES:
            raise FileRefused("too_large", f"一块 NDJSON 不得超过 {MAX_LINES:,} 行，请分成几块")
        if not raw.strip():
            continue
        try:
            row = json.loads(raw.decode(), parse_float=str, parse_int=str, parse_constant=str)
            json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise FileRefused("wrong_line", f"第 {line} 行不是 UTF-8 编码的 JSON 对象")
        yield line, row


def _lines(path: Path) -> Iterator[bytes]:
    carry = b""
    for piece in files.unpacked(path):
        *whole, carry = (carry + piece).split(b"\n")
        yield from whole
        if len(carry) > files.MAX_LINE:
            raise FileRefused("wrong_line", "有一行超过 64 KB")
    yield carry


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _check_size(size: int) -> None:
    if size > files.MAX_UNPACKED:
        raise FileRefused("too_large", "各块合起来过大：请按日期分几批送入")


def _append(part: Path, whole: IO[bytes], *, with_header: bool) -> None:
    """Copy a CSV part behind those before it, its header only if it is the first."""
    waiting, last = not with_header, b"\n"
    for piece in files.unpacked(part):
        data = piece
        if waiting:
            _, found, data = piece.partition(b"\n")
            waiting = not found
        if data:
            whole.write(data)
            last = data[-1:]
    if last != b"\n":
        whole.write(b"\n")
