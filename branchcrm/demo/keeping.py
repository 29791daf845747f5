"""What a demonstration branch learnt of who wanted to leave: past cases, responses, drills, accounts elsewhere."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from branchcrm.demo.scale import LARGE, Scale
from clients.models import Client
from clients.operations.preferences import Wish, note_preferences
from office.dates import SHANGHAI, TradingCalendar
from office.models import Branch, Employee, Role, Team
from retention.models import Drill, OtherAccount, RetentionCase
from retention.operations.cases import close_case, decline_talk, record_talk
from retention.operations.drills import hold_drill, plan_drill, scene_of
from retention.operations.grievances import close_grievance, log_grievance
from retention.operations.opening import open_by_hand, open_from_requests
from retention.operations.responses import write_response
from retention.operations.wallet import note_other_account

WAN = 1_000_000  # fen
# Days ago, reason, outcome ("" for one who wanted no talk), what was said, what was learnt.
PAST = (
    (230, "commission", "kept", "主要做短线，觉得费率高", "先把费用构成讲清楚，再报审批，客户更愿意等"),
    (205, "outside_broker", "left", "朋友在别家，已开户", "发现得太晚，别家开户满两个月才知道"),
    (190, "service_dissatisfied", "kept", "两次电话没人接", "当天由团队长回电致歉，比客户经理自己解释有效"),
    (171, "commission", "partly", "一部分转去别家比较", "不争论同业，约定一个季度后再听他的比较"),
    (150, "poor_market", "kept", "亏了不想看", "不催交易，只约定每月一次持仓回顾"),
    (133, "relocation", "left", "搬到外地", "迁居的客户先讲清线上能办什么"),
    (118, "commission", "kept", "看到别家宣传", "审批结果按承诺的日子给了答复"),
    (96, "", "", "", ""),
    (88, "outside_broker", "partly", "新股想多一个账户", "常用哪家比在哪家开户更要紧"),
    (71, "product_maturity", "kept", "到期资金要用", "到期前两周问用途，不推续作"),
    (64, "commission", "left", "已谈好转走", "谈一次就够，手续当天办完，客户说以后还会来"),
    (47, "service_dissatisfied", "kept", "软件闪退没人管", "把软件问题转给技术并告诉客户结果"),
    (33, "commission", "kept", "账单看不懂", "一张账单一条条讲，疑问就没了"),
    (20, "poor_market", "left", "不做股票了", "尊重决定，问清还想不想收资讯"),
)
RESPONSES = (
    ("commission", "先听他做哪类交易、哪笔费用觉得高；把费用构成发给他；需要调整的按制度报审批，三个工作日内书面答复。",
     "一张账单逐条讲清，多数疑问当场就消了"),
    ("outside_broker", "不评价同业。问清看重哪一项，能改的当天改；不能改的如实说。记下他常用哪家（须同意），按季回访。",
     "两个月内发现在别家开户的，多数能留下一部分"),
    ("service_dissatisfied",
     "先道歉再听完，当天由团队长回电，约定改正的日子并登记为客户不满，办结后再告诉他一次。", ""),
    ("poor_market",
     "不预测行情，不催交易。他愿意的话约一次持仓回顾，或只发基础资讯。", "每月一次、只谈风险的回顾最受欢迎"),
    ("relocation", "讲清线上能办的业务和新住处附近的营业部，要转就帮他转好。", ""),
    ("product_maturity", "到期前两周问资金用途；要用就说明到账时间，不推续作。", ""),
)  # fmt: skip
CONCERNS = {  # reason → what was noticed before he gave it; "" for one who gave none
    "commission": "来电问起佣金，之后两周没有交易",
    "outside_broker": "把一部分股票转到了别家",
    "service_dissatisfied": "说电话没人接，语气很不满",
    "poor_market": "半年没有交易，卖出后资金转出",
    "relocation": "说要搬去外地",
    "product_maturity": "产品下周到期，问怎样转出资金",
    "": "账户里只剩零头，以前每月都有交易",
}
PRESENT = (
    (9, "两周内转出一半资金", "觉得费率高，想比较两家"),
    (6, "问转托管要带什么证件", "在等账户开通的消息，先不转"),
    (3, "一直很活跃，这个月没有登录过", ""),
    (1, "朋友说他在别家开了户", ""),
)  # days ago, what was noticed, what was said
ELSEWHERE = 36  # clients who told of accounts with other brokers
SIZES_WAN = (8, 20, 35, 60, 120, 15, 250)
BROKERS = ("东海证券", "北原证券", "西山证券", "南溪证券")
HEARD = (
    ("service", "上周两次电话都没人接", 20, "改了午间值班表，已向客户说明"),
    ("software", "手机软件升级后自选股没了", 9, "技术已恢复，教客户备份"),
    ("process", "开通创业板权限要跑两趟", 6, ""),
    ("commission", "听说新客户费率比我低", 3, ""),
    ("service", "换了客户经理没有通知我", 1, ""),
    ("product", "产品报告看不懂", 0, ""),
)


class Keeping:
    """Writes what is around the cases of one branch, each through the doors of the house."""

    def __init__(self, branch: Branch, scale: Scale, calendar: TradingCalendar) -> None:
        self.branch, self.scale, self.calendar, self.as_of = branch, scale, calendar, scale.as_of
        people = Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no")
        self.director = people.filter(roles__contains=[Role.MARKET_DIRECTOR])[0]
        self.leader = people.filter(roles__contains=[Role.TEAM_LEADER])[0]

    def write(self) -> int:
        """Write all of it; return how many past cases there are. A large branch tells none of it."""
        if self.scale.clients >= LARGE or Drill.objects.filter(branch=self.branch).exists():
            return 0
        clients = self._clients()
        if not RetentionCase.objects.filter(branch=self.branch, state=RetentionCase.State.CLOSED).exists():
            self._past(clients)
        for reason, text, worked in RESPONSES:
            write_response(self.branch, reason, text=text, worked=worked, version=0, by=self.director)
        self._present(clients[len(PAST) + ELSEWHERE :])
        self._elsewhere(clients[len(PAST) : len(PAST) + ELSEWHERE])
        self._unhappy(clients[::-1])
        self._drills()
        self._gone()
        return RetentionCase.objects.filter(branch=self.branch, state=RetentionCase.State.CLOSED).count()

    def _clients(self) -> list[Client]:
        rows = Client.objects.filter(branch=self.branch, standing__manager__isnull=False, is_deceased=False)
        served = rows.exclude(status=Client.Status.CLOSED).filter(retention_cases=None, closure_requests=None)
        chosen = list(served.select_related("branch", "standing__manager__team").order_by("client_no"))
        order = self.scale.random("keeping", int(self.branch.code)).permutation(len(chosen))
        return [chosen[place] for place in order.tolist()]

    def _day(self, days_ago: int) -> date:
        return self.calendar.last_trading(self.as_of - timedelta(days=days_ago))

    def _moment(self, days_ago: int, hour: int) -> datetime:
        return datetime.combine(self._day(days_ago), time(hour, 20), SHANGHAI)

    def _past(self, clients: list[Client]) -> None:
        for client, (ago, reason, outcome, summary, learning) in zip(clients, PAST, strict=False):
            manager = client.standing.manager
            assert manager is not None
            case = open_by_hand(client, CONCERNS[reason], by=manager, now=self._moment(ago, 9))
            if not outcome:
                decline_talk(case, by=manager, now=self._moment(ago - 1, 10))
                continue
            record_talk(case, minutes=6 + ago % 9, summary=summary, by=manager, at=self._moment(ago - 1, 10))
            close_case(
                case, outcome=outcome, reason=reason, learning=learning, by=manager, now=self._moment(ago - 4, 15)
            )

    def _present(self, clients: list[Client]) -> None:
        """Open what the night would open for requests, and some by hand: two untouched, two talked about."""
        for client, (ago, concern, summary) in zip(clients, PRESENT, strict=False):
            manager = client.standing.manager
            assert manager is not None
            case = open_by_hand(client, concern, by=manager, now=self._moment(ago, 9))
            if summary:
                record_talk(case, minutes=8, summary=summary, by=manager, at=self._moment(ago - 1, 10))
        open_from_requests(self.branch, self.as_of)

    def _elsewhere(self, clients: list[Client]) -> None:
        """Let three dozen clients have told of accounts elsewhere; of every fourth nobody knows the size."""
        for place, client in enumerate(clients):
            manager = client.standing.manager
            assert manager is not None
            size = None if place % 4 == 0 else SIZES_WAN[place % len(SIZES_WAN)] * WAN
            source = (OtherAccount.Source.CLIENT, OtherAccount.Source.TALK, OtherAccount.Source.TRANSFER)[place % 3]
            note_other_account(
                client, broker=BROKERS[place % len(BROKERS)], source=source, assets_fen=size,
                is_most_used=place % 3 == 1, is_agreed=source != OtherAccount.Source.TRANSFER,
                learnt_on=self._day(place * 4), by=manager, today=self.as_of,
            )  # fmt: skip

    def _unhappy(self, clients: list[Client]) -> None:
        for client, (kind, text, ago, action) in zip(clients, HEARD, strict=False):
            manager = client.standing.manager
            assert manager is not None
            made = log_grievance(client, kind=kind, text=text, owner=manager, by=manager, today=self._day(ago))
            if action:
                close_grievance(made, action=action, version=1, by=manager, now=self._moment(max(0, ago - 2), 16))

    def _drills(self) -> None:
        """Two held with what was learnt, one whose day passed, one to come."""
        past = RetentionCase.objects.filter(branch=self.branch, state="closed").exclude(reason="")
        cases = list(past.select_related("client__standing").order_by("opened_on", "pk")[:4])
        told = (
            ("嫌佣金高的短线客户", -110, "先问清做哪类交易，再谈费用；谁也没有许诺费率", (4, 5, 5, 4)),
            ("朋友在别家的老客户", -45, "不评价同业这一条最难做到，下次换人扮客户再练", (3, 4, 5, 4)),
            ("电话没人接的客户", -6, "", ()),
            ("亏损后想离开的客户", 12, "", ()),
        )
        teams: list[Team | None] = [None, self.leader.team, self.leader.team, None]
        for case, team, (title, days, lessons, marks) in zip(cases, teams, told, strict=False):
            on = self._day(-days) if days < 0 else self.calendar.add_trading(self.as_of, days)
            people = Employee.objects.filter(branch=self.branch, is_active=True, team__isnull=False)
            drill = plan_drill(
                self.branch, title=title, planned_on=on, team=team, scene={**scene_of(case), "words": ""},
                participants=list((people.filter(team=team) if team else people).order_by("staff_no")[:8]),
                by=self.leader, today=on,
            )  # fmt: skip
            if marks:
                sheet = dict(zip(("listen", "no_pressure", "lawful", "clear"), marks, strict=True))
                hold_drill(drill, held_on=on, marks=sheet, lessons=lessons, version=1, by=self.leader, today=on)

    def _gone(self) -> None:
        """Let every fifth of those who left have said how he may be reached, and some that he may not."""
        left = Client.objects.filter(branch=self.branch, status=Client.Status.CLOSED).order_by("client_no")
        wishes: list[Wish] = []
        for place, pk in enumerate(left.values_list("pk", flat=True)):
            if place % 5 == 0:
                wishes.append((pk, ("phone", "sms", "email")[place % 3], "service", "granted"))
            elif place % 5 == 1:
                wishes.append((pk, "phone", "service", "denied"))
        note_preferences(self.branch, wishes, source="销户时填写", on=self.as_of, by=self.director)
