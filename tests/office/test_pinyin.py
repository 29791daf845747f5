"""Names are found as they are typed."""

import pytest

from office.pinyin import initials, to_pinyin


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("李清", "liqing", "lq"),
        ("吕布", "lvbu", "lb"),
        ("欧阳修", "ouyangxiu", "oyx"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("单于夫罗", "chanyufuluo", "cyfl"),
        ("仇和", "qiuhe", "qh"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("翟天临", "zhaitianlin", "ztl"),
        ("查良镛", "zhaliangyong", "zly"),
        ("朴树", "piaoshu", "ps"),
        ("乐嘉", "yuejia", "yj"),
        ("乐正绫", "yuezhengling", "yzl"),
        ("区楚良", "ouchuliang", "ocl"),
        ("曾国藩", "zengguofan", "zgf"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqixie", "mqx"),
        ("诸葛亮", "zhugeliang", "zgl"),
        ("区域发展投资有限公司", "quyufazhantouziyouxiangongsi", "qyfztzyxgs"),  # an institution is no surname
        ("张 三", "zhangsan", "zs"),
        ("John Smith", "johnsmith", "johnsmith"),
        ("ABC投资", "abctouzi", "abctz"),
        ("𠮷野家", "yejia", "yj"),  # a character without a reading is left out
        ("", "", ""),
    ],
)
def test_readings(name: str, full: str, short: str) -> None:
    assert (to_pinyin(name), initials(name)) == (full, short)
