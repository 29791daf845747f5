"""Which of the two encodings of counters a file is written in."""

from collections.abc import Iterable

UTF8, GB18030 = "utf-8", "gb18030"


def detect(header: bytes, samples: Iterable[bytes]) -> str:
    """Return the encoding: what the header can be read in, else what most lines with Chinese can be read in.

    A few damaged lines therefore do not turn a UTF-8 file into GB18030 gibberish; they are refused.
    """
    if not header.isascii():
        return UTF8 if _readable(header, UTF8) else GB18030
    for sample in samples:
        if sample.isascii():
            continue
        if _readable(sample, UTF8):
            return UTF8
        lines = [line for line in sample.split(b"\n") if not line.isascii()]
        readable = sum(_readable(line, UTF8) for line in lines)
        return UTF8 if readable * 2 >= len(lines) else GB18030
    return UTF8


def _readable(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
