"""Files as they arrive: copied once into private hands, unpacked in a stream, never held whole."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from clients.feed.refusal import FileRefused

PIECE = 8 << 20  # bytes read at a time
MAX_LINE = 64 << 10  # bytes of one line
MAX_UNPACKED = 8 << 30  # bytes of one file unpacked: beyond it, a zip bomb
BOMB_RATIO, BOMB_BYTES = 200, 64 << 20  # a packed file that grows more than so many times, and beyond so many bytes
SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Taken:
    """A file in private hands: `path` cannot change any more, `name` is what the sender called it."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file, the first of which has the number `line`; `overlong` numbers lines that were dropped."""

    line: int
    data: bytes
    overlong: tuple[int, ...] = ()


def candidates(folder: Path) -> list[Path]:
    """Return the files of a delivery: those lying in `folder`, or in its sub-folders if none does."""
    lying = [path for path in folder.iterdir() if _is_feed(path)]
    return sorted(lying or [path for path in folder.rglob("*") if _is_feed(path)])


def _is_feed(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")


def take(source: Path, name: str, folder: Path) -> Taken:
    """Copy `source` into `folder` in one reading.

    Raises FileRefused if it cannot be read or was written to meanwhile.
    """
    digest = hashlib.sha256()
    target = folder / f"{len(list(folder.iterdir()))}.feed"
    try:
        before = source.stat()
        with source.open("rb") as reader, target.open("wb") as writer:
            while piece := reader.read(PIECE):
                digest.update(piece)
                writer.write(piece)
            after = os.fstat(reader.fileno())
    except OSError as error:
        raise FileRefused("unreadable", "文件无法读取：请检查权限和磁盘后重新传送") from error
    unchanged = (before.st_size, before.st_mtime_ns, before.st_ino) == (after.st_size, after.st_mtime_ns, after.st_ino)
    if not unchanged or target.stat().st_size != before.st_size:
        raise FileRefused("changed", "文件在读取时被改动：请等传送完成后重新导入")
    return Taken(name, target, digest.hexdigest())


def header_line(taken: Taken) -> bytes:
    """Return the first line without BOM and line end. Raises FileRefused if there is none to be read."""
    for piece in unpacked(taken.path):
        start = piece.removeprefix(BOM)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused("encoding", "文件是 UTF-16 编码：请以 UTF-8 或 GB18030 重新导出")
        line = start.partition(b"\n")[0]
        if len(line) > MAX_LINE:
            raise FileRefused("wrong_header", "首行超过 64 KB，不是表头：请重新导出")
        return line.rstrip(b"\r")
    raise FileRefused("empty", "文件为空：请重新导出")


def pieces(taken: Taken) -> Iterator[Piece]:
    """Yield everything after the header in whole lines, a few megabytes at a time.

    A line that outgrows MAX_LINE is dropped as it streams by and numbered in `overlong`.
    Raises FileRefused for an archive that is cut short or damaged.
    """
    number, carry, skipping = 1, b"", False
    overlong: list[int] = []
    for piece in unpacked(taken.path):
        data = carry + (piece.removeprefix(BOM) if number == 1 and not carry else piece)
        if skipping:
            _, found, data = data.partition(b"\n")
            carry, skipping = b"", not found
            if skipping:
                continue
            number += 1
        end = data.rfind(b"\n") + 1
        carry = data[end:]
        if end:
            whole = data[:end]
            yield _without_header(Piece(number, whole, tuple(overlong)))
            number, overlong = number + whole.count(b"\n"), []
        if len(carry) > MAX_LINE:
            overlong.append(number)
            carry, skipping = b"", True
    if carry or overlong:
        yield _without_header(Piece(number, carry + b"\n" if carry else b"", tuple(overlong)))


def _without_header(piece: Piece) -> Piece:
    if piece.line > 1:
        return piece
    return Piece(2, piece.data.partition(b"\n")[2], piece.overlong)


def unpacked(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces, unpacked if it is packed. Raises FileRefused if it is cut short, damaged or a bomb."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            if packed:
                most = min(max(os.fstat(raw.fileno()).st_size * BOMB_RATIO, BOMB_BYTES), MAX_UNPACKED)
                yield from _bounded(cast(BinaryIO, gzip.GzipFile(fileobj=raw)), most)
            else:
                yield from _bounded(raw, MAX_UNPACKED)
        except EOFError as error:
            raise FileRefused("truncated", "压缩文件不完整：请重新传送") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FileRefused("damaged", "压缩文件已损坏：请重新导出并传送") from error


def _bounded(stream: BinaryIO, most: int) -> Iterator[bytes]:
    total = 0
    while piece := stream.read(PIECE):
        total += len(piece)
        if total > most:
            raise FileRefused("too_large", "解压后过大：请核对压缩文件，或按日期拆分后重新导出")
        yield piece


def lines_at(taken: Taken, wanted: set[int]) -> dict[int, bytes]:
    """Return the text of the lines numbered `wanted` (the header is 1), in one more reading."""
    found: dict[int, bytes] = {}
    if not wanted:
        return found
    for piece in pieces(taken):
        here = range(piece.line, piece.line + piece.data.count(b"\n"))
        if any(number in here for number in wanted):
            rows = piece.data.split(b"\n")
            found |= {number: rows[number - piece.line] for number in wanted if number in here}
    return found
