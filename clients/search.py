"""The ways in which a client is looked for, as the tokens a search is a prefix of."""

import re

from office.pinyin import initials, to_pinyin

LONGEST = 60  # characters of a token
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]+")


def tokens_of(name: str, client_no: str, phone_tail: str = "") -> list[str]:
    """Return what finds a client by prefix: endings of the name, words, pinyin, initials, number, phone tail.

    郑云舟 gives 郑云舟 云舟 舟 zhengyunzhou zyz and the numbers; so 「云舟」 is found without a scan.
    """
    folded = name.casefold()
    found = [client_no.casefold(), phone_tail, folded, to_pinyin(name), initials(name)]
    for run in _HAN.findall(folded):
        found += [run[start:] for start in range(len(run))]
    found += _WORD.findall(folded)
    return list(dict.fromkeys(token[:LONGEST] for token in found if token))
