"""Names of persons and institutions, made up from common characters."""

import numpy as np

from branchcrm.demo.scale import Bools, Texts

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单解查仇翟华区乐"
)
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "令狐", "皇甫", "司徒", "尉迟", "长孙", "夏侯")
COMPOUND_SHARE = 0.008
MALE = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国志文海峰博睿轩泽诚毅航晨皓然景行云舟若川"
FEMALE = "芳娜敏静丽艳娟霞秀英玲桂兰燕红梅琴素云莲洁莉慧婷玉萍颖琳雪倩怡瑶佳欣语嫣思琪梦诗涵雨桐若曦清妍知秋以宁"
SINGLE_SHARE = 0.18  # of given names with one character

PLACES = ("滨江", "望江", "临湖", "云溪", "东篱", "南屏", "北辰", "西泠", "青枫", "白石", "长桥")
WORDS = ("恒远", "嘉禾", "明德", "瑞丰", "鼎泰", "博纳", "信安", "天启", "启航", "融汇", "中和", "广源", "致远", "永兴")
TRADES = (
    "科技", "实业", "贸易", "电子", "建设工程", "医疗器械", "新材料", "文化传媒", "供应链管理", "投资管理",
    "智能装备制造", "环保工程", "农业开发", "物流", "私募基金管理", "信息技术服务",
)  # fmt: skip
FORMS = (
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "合伙企业（有限合伙）",
    "股份有限公司工会委员会",
    "有限公司企业年金计划",
)


def person_names(random: np.random.Generator, male: Bools) -> Texts:
    """Return a name of two to four characters for each person."""
    count = len(male)
    weights = 1.0 / (np.arange(len(SURNAMES)) + 6.0)
    surname = random.choice(np.array(list(SURNAMES), object), count, p=weights / weights.sum())
    rare = random.random(count) < COMPOUND_SHARE
    surname[rare] = random.choice(np.array(COMPOUND, object), int(rare.sum()))
    given = [random.choice(np.array(list(letters), object), (count, 2)) for letters in (FEMALE, MALE)]
    first, second = np.where(male[:, None], given[1], given[0]).T
    second = np.where(random.random(count) < SINGLE_SHARE, "", second)
    return np.asarray(surname + first + second)


def institution_names(random: np.random.Generator, count: int) -> Texts:
    """Return names of companies, some of them very long."""
    parts = [random.choice(np.array(words, object), count) for words in (PLACES, WORDS, WORDS, TRADES, FORMS)]
    place, word, second, trade, form = parts
    short = random.random(count) < 0.4
    city = np.where(short, "", "市")
    second = np.where(short | (second == word), "", second)
    return np.asarray(place + city + word + second + trade + form)
