"""The people of a demonstration branch, as data."""

from dataclasses import dataclass

from office.models import Employment, Registration, Role, Skill

R, S = Role, Skill
Skills = tuple[tuple[Skill, int, str], ...]


@dataclass(frozen=True)
class Post:
    """One person: number within the branch, name, roles, and what allocation asks about him."""

    number: int
    name: str
    roles: tuple[str, ...]
    team: int | None = None
    leads: int | None = None  # the team he leads
    registration: str = Registration.GENERAL
    employment: str = Employment.PERMANENT
    skills: Skills = ()
    minutes: int = 0  # of service a week
    share: float = 1.0  # of a fair book that he owns
    substitute: int = 0  # number of who stands in while he is away


ROSTER = (
    Post(1, "温如斯", (R.BRANCH_MANAGER,)),
    Post(2, "赵启明", (R.MARKET_DIRECTOR,)),
    Post(3, "单晓岚", (R.DIRECTOR_ASSISTANT,)),
    Post(
        4, "陈立", (R.TEAM_LEADER, R.CLIENT_MANAGER), team=0, leads=0, minutes=1_000, share=0.7,
        skills=(
            (S.ASSET_ALLOCATION, 4, "内部考试 92 分"), (S.INSTITUTION, 4, "三年机构服务评价"),
            (S.AFFINITY, 3, "主管评定"),
        ),
    ),
    Post(
        5, "欧阳慧", (R.TEAM_LEADER, R.CLIENT_MANAGER), team=1, leads=1, minutes=1_000, share=0.7,
        skills=(
            (S.FUND_PRODUCTS, 5, "基金销售竞赛一等奖"), (S.PATIENCE, 4, "客户满意度 4.8"),
            (S.BONDS, 3, "内部考试 81 分"),
        ),
    ),
    Post(
        6, "李清", (R.CLIENT_MANAGER, R.ADVISER), team=0, registration=Registration.ADVISER, minutes=1_400, share=1.0,
        skills=(
            (S.ASSET_ALLOCATION, 5, "资产配置演讲比赛第一"), (S.SINGLE_STOCK, 4, "模拟盘竞赛前 5 %"),
            (S.MARGIN, 3, "两融考试"),
        ),
    ),
    Post(
        7, "王珂", (R.CLIENT_MANAGER,), team=0, minutes=1_300, share=1.35,
        skills=(
            (S.SINGLE_STOCK, 5, "三年复盘报告"), (S.MARGIN, 4, "两融业务考试 95 分"),
            (S.DIGITAL_TOOLS, 4, "软件培训讲师"),
        ),
    ),
    Post(
        8, "林知夏", (R.CLIENT_MANAGER,), team=1, minutes=1_300, share=1.0, substitute=5,
        skills=(
            (S.PATIENCE, 5, "老年客户服务之星"), (S.AFFINITY, 5, "客户满意度 4.9"),
            (S.FUND_PRODUCTS, 3, "主管评定"),
        ),
    ),
    Post(
        9, "诸葛远", (R.SECURITIES_AGENT,), team=1, registration=Registration.AGENT, employment=Employment.AGENT,
        minutes=800, share=0.6,
        skills=((S.NEW_INVESTOR, 4, "新开户辅导 120 户"), (S.DIGITAL_TOOLS, 3, "自评并经主管确认")),
    ),
    Post(
        10, "秦若水", (R.CLIENT_MANAGER,), team=1, employment=Employment.TRIAL, minutes=900, share=0.5,
        skills=((S.NEW_INVESTOR, 3, "入职培训结业"), (S.AFFINITY, 4, "情景演练第二名")),
    ),
    Post(
        11, "沈以宁", (R.ADVISER, R.CONSULTANT), registration=Registration.ADVISER, minutes=900, share=0.35,
        skills=(
            (S.ASSET_ALLOCATION, 5, "投顾大赛省赛前十"), (S.SINGLE_STOCK, 5, "周度策略报告"),
            (S.INSTITUTION, 4, "机构路演"),
        ),
    ),
    Post(12, "周宁", (R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR, R.HEAD_OFFICE_SERVICE)),
    Post(13, "钱书", (R.COMPLIANCE, R.RISK_CONTROL, R.AUDITOR), registration=Registration.NONE),
    Post(
        14, "孙达", (R.OPERATIONS_DIRECTOR, R.OPERATIONS_CLERK, R.COUNTER, R.SYSTEM_ADMIN, R.TECH_SUPPORT),
        registration=Registration.NONE,
    ),
)  # fmt: skip

BRANCH_NAMES = (
    "滨江示范营业部", "望江示范营业部", "临湖示范营业部", "云溪示范营业部", "东篱示范营业部", "南屏示范营业部",
    "北辰示范营业部", "西泠示范营业部", "青枫示范营业部", "白石示范营业部",
)  # fmt: skip
EXTRA_NAMES = (
    "吴桐", "郑云", "冯时", "褚明", "卫宁", "蒋一", "韩越", "杨帆", "朱砂", "许诺", "何川", "吕行", "施然", "张弛",
    "孔维", "曹原", "严谨", "华章", "金石", "魏来",
)  # fmt: skip
