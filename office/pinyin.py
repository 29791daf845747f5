"""Names as they are typed on a keyboard: full pinyin and initials, surnames read as surnames."""

import re
from functools import lru_cache

from pypinyin import lazy_pinyin

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LONGEST_PERSON = 4  # Han characters; longer names are institutions, read as prose

# Characters that pypinyin reads otherwise than they are read as a surname.
READINGS = (
    "单shan 仇qiu 解xie 翟zhai 查zha 朴piao 乐yue 区ou 曾zeng 盖ge 缪miao 覃qin 秘bi 折she 黑he 种chong 召shao "
    "尉wei 员yun 贠yun 洗xian 祭zhai 都du 繁po 阚kan 郇xun 薄bo 佴nai 粘nian 牟mou 晁chao 句gou 缴jiao 朝chao "
    "降jiang 能nai 仉zhang 眭sui 隗wei 纪ji 宁ning 盛sheng 任ren 华hua 燕yan 逄pang 车che 石shi 沈shen 卜bu "
    "柏bai 葛ge 那na 六lu 幺yao 郄qie 长chang 笪da 吕lv"
)
SURNAMES = {entry[0]: entry[1:] for entry in READINGS.split()}
COMPOUND_SURNAMES = {
    "欧阳": ["ou", "yang"],
    "尉迟": ["yu", "chi"],
    "长孙": ["zhang", "sun"],
    "万俟": ["mo", "qi"],
    "澹台": ["tan", "tai"],
    "令狐": ["ling", "hu"],
    "单于": ["chan", "yu"],
    "夏侯": ["xia", "hou"],
    "诸葛": ["zhu", "ge"],
    "宇文": ["yu", "wen"],
    "鲜于": ["xian", "yu"],
    "乐正": ["yue", "zheng"],
    "夹谷": ["jia", "gu"],
    "亓官": ["qi", "guan"],
    "呼延": ["hu", "yan"],
    "宰父": ["zai", "fu"],
}


def to_pinyin(name: str) -> str:
    """Return `name` in lower-case pinyin without blanks or tones (欧阳修 → ouyangxiu, 吕 → lv).

    Latin letters and digits pass through in lower case; everything else is dropped.
    """
    return "".join(part for part, _ in _parts(name))


def initials(name: str) -> str:
    """Return the first letter of each syllable (欧阳修 → oyx); a Latin word or number stays whole."""
    return "".join(part[0] if is_han else part for part, is_han in _parts(name))


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[tuple[str, bool], ...]:
    """Return the parts of `name` in order, each with whether it is the syllable of a Han character."""
    parts: list[tuple[str, bool]] = []
    text = name.strip().lower()
    surname = _surname(text)
    if surname:
        parts += [(syllable, True) for syllable in surname]
        text = text[len(surname) :]
    for run in re.findall(rf"{HAN.pattern}+|[a-z0-9]+", text):
        is_han = bool(HAN.match(run))
        parts += [(syllable, is_han) for syllable in (lazy_pinyin(run) if is_han else [run]) if syllable.isascii()]
    return tuple(parts)


def _surname(name: str) -> list[str]:
    """Return the syllables of the surname a person's name begins with, [] if this is no name that needs the tables."""
    if len(HAN.findall(name)) > LONGEST_PERSON or not HAN.fullmatch(name[:1]):
        return []
    if name[:2] in COMPOUND_SURNAMES:
        return COMPOUND_SURNAMES[name[:2]]
    return [SURNAMES[name[0]]] if name[0] in SURNAMES else []
