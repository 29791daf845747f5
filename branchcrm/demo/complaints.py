"""What the clients of a demonstration branch held against it in the past months, told through the usual doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np

from branchcrm.demo.scale import Scale
from clients.models import Client
from complaints import operations
from complaints.models import Complaint
from complaints.queries.staff import eligible_approvers
from complaints.rules.wording import APPEAL
from office.dates import SHANGHAI, TradingCalendar
from office.models import Branch, Employee, Role


@dataclass(frozen=True)
class Story:
    """One kind of grievance: what is said, and what the investigation finds."""

    category: str
    business: str
    content: str
    cause: str
    found: str
    plan: str
    outcome: str = "upheld"
    names_manager: bool = False


STORIES = (
    Story(
        "system_fault", "system", "行情软件早盘连续掉线，委托无法提交，要求说明原因。",
        "system", "当日线路切换，重连失败", "说明故障原因并发送应急委托指引",
    ),
    Story(
        "business_error", "account", "银证转账信息变更后仍显示旧银行卡，多次办理未果。",
        "process", "影像未同步至柜台系统", "当日完成变更并电话告知",
    ),
    Story(
        "staff_attitude", "brokerage", "咨询持仓问题时客户经理语气生硬，未说完即挂断。",
        "attitude", "录音证实未做结束问候", "负责人致电致歉，安排沟通培训", names_manager=True,
    ),
    Story(
        "cancel_not_done", "brokerage", "已申请停止资讯短信，一个月后仍每日收到。",
        "process", "退订名单未导入群发平台", "清理退订名单并书面答复",
    ),
    Story(
        "other", "commission", "实际佣金高于开户时口头告知的费率，要求核对并调整。",
        "information", "开户时未书面确认费率", "提供费率明细，按公司权限流程重新议定", "partly",
    ),
    Story(
        "data_leak", "account", "接到自称本公司人员的荐股电话，怀疑个人资料外泄。",
        "unfounded", "号码非本公司，系统无异常导出", "告知防骗要点，协助举报，持续观察", "partly",
    ),
    Story(
        "other", "product", "所购固收产品净值下跌，要求公司补足亏损本金。",
        "misunderstanding", "双录与风险揭示齐全，无承诺收益", "逐项说明产品条款与风险揭示", "refused",
    ),
    Story(
        "business_error", "margin", "融资展期申请提交后未及时审核，担心被强制平仓。",
        "skill", "经办不熟悉展期截止时间", "当日补办展期，复训经办人员",
    ),
)  # fmt: skip
# How far a complaint has come, how many of the forty, and received from how many to how many days ago.
ENDS = (
    ("closed", 17, 15, 150), ("answered", 3, 9, 14), ("approved", 2, 7, 9), ("planned", 3, 6, 10),
    ("handling", 3, 5, 8), ("investigating", 4, 3, 6), ("accepted", 3, 0, 1), ("rejected", 2, 20, 60),
    ("withdrawn", 2, 20, 60), ("reviewed", 1, 25, 30),
)  # fmt: skip
CHANNELS = (
    "phone",
    "phone",
    "phone",
    "counter",
    "online",
    "email",
    "letter",
    "head_office",
    "hotline_12386",
    "regulator",
)
WAY = ("investigating", "handling", "planned", "approved", "answered", "closed")
STRANGER_EVERY = 13  # one complaint in so many comes from somebody unknown
HOURS = 4  # of work between two steps
RESTLESS_EVERY, RESTLESS_SINCE = 3, 40  # one of so many complaints of the last so many days comes from who is restless


@dataclass(frozen=True)
class Scene:
    """One complaint to be told: whose story, how far it came, and when it began."""

    place: int
    story: Story
    end: str
    days_ago: int
    channel: str
    satisfaction: int


def scenes(random: np.random.Generator) -> list[Scene]:
    """Return forty complaints in all states, the earliest first; the same generator makes the same ones."""
    ends = [(end, low, high) for end, count, low, high in ENDS for _ in range(count)]
    made = [
        Scene(
            place, STORIES[place % len(STORIES)], end, int(random.integers(low, high + 1)),
            CHANNELS[int(random.integers(len(CHANNELS)))], int(random.choice([5, 4, 4, 3, 2])),
        )
        for place, (end, low, high) in enumerate(ends)
    ]  # fmt: skip
    return sorted(made, key=lambda scene: (-scene.days_ago, scene.place))


class Grievances:
    """Tells the complaints of one branch."""

    def __init__(self, branch: Branch, scale: Scale, calendar: TradingCalendar, restless: list[str]) -> None:
        self.branch, self.scale, self.calendar, self.restless = branch, scale, calendar, restless
        self.random = scale.random("grievances", int(branch.code))
        staff = list(Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no"))
        self.desk = next(person for person in staff if person.has_role(Role.SERVICE_STAFF))
        self.compliance = next(person for person in staff if person.has_role(Role.COMPLIANCE))
        self.clients = Client.objects.filter(branch=branch, standing__is_closed=False, standing__manager__isnull=False)

    def tell(self) -> int:
        """Write the complaints that are not there yet; return how many."""
        if Complaint.objects.filter(branch=self.branch).exists():
            return 0
        told = scenes(self.random)
        numbers = sorted(self.clients.order_by("client_no").values_list("pk", flat=True))
        chosen = self.random.choice(len(numbers), size=len(told), replace=len(numbers) < len(told))
        restless = iter(self._restless())
        for scene, at in zip(told, chosen.tolist(), strict=True):
            is_theirs = scene.days_ago <= RESTLESS_SINCE and scene.place % RESTLESS_EVERY == 0
            pk = next(restless, numbers[at]) if is_theirs else numbers[at]
            self._live(scene, self.clients.select_related("standing__manager").get(pk=pk))
        return len(told)

    def _restless(self) -> list[int]:
        found = self.clients.filter(client_no__in=self.restless).order_by("client_no").values_list("pk", flat=True)
        return [int(pk) for pk in self.random.permutation(list(found))]

    def _live(self, scene: Scene, client: Client) -> None:
        one = self._received(scene, client)
        moments = self._moments(one.received_at)
        if scene.end == "rejected":
            operations.reject(
                one, reason="属其他机构业务，已告知受理单位", appeal_text=APPEAL, by=self.desk, now=next(moments)
            )
        elif scene.end == "withdrawn":
            operations.withdraw(one, reason="客户来电说明已自行解决", by=self.desk, now=next(moments))
        elif scene.end == "reviewed":
            one = self._walk(one, scene, "answered", moments)
            reviewer = eligible_approvers(one, self.scale.as_of).exclude(pk=one.approver_id or 0).order_by("pk")[0]
            operations.second_opinion(
                one, reviewer=reviewer, reason="客户不接受处理结果，要求复核", by=self.desk, now=next(moments)
            )
        elif scene.end != "accepted":
            self._walk(one, scene, scene.end, moments)

    def _received(self, scene: Scene, client: Client) -> Complaint:
        manager = client.standing.manager
        named = [manager] if scene.story.names_manager and manager is not None else []
        is_stranger = scene.place % STRANGER_EVERY == STRANGER_EVERY - 1
        received = self._morning(scene)
        said: dict[str, Any] = {
            "channel": scene.channel, "category": scene.story.category, "content": scene.story.content,
            "business_class": scene.story.business, "parties": named,
            "urgency": ("normal", "normal", "serious", "hard")[scene.place % 4],
            "transfer_no": f"ZB{received:%Y%m}{scene.place:04}" if scene.channel == "hotline_12386" else "",
        }  # fmt: skip
        whose = (
            {"caller_name": "匿名"}
            if is_stranger
            else {"caller_name": client.name, "client": client, "phone": client.phone}
        )
        return operations.take_in(self.branch, by=self.desk, received_at=received, now=received, **said, **whose)

    def _walk(self, one: Complaint, scene: Scene, end: str, moments: Iterator[datetime]) -> Complaint:
        for step in WAY[: WAY.index(end) + 1]:
            one = self._step(one, scene, step, next(moments))
        return one

    def _step(self, one: Complaint, scene: Scene, step: str, now: datetime) -> Complaint:
        story = scene.story
        if step == "investigating":
            return operations.start_investigation(one, by=self.desk, now=now)
        if step == "handling":
            reasonable = {"upheld": "reasonable", "partly": "partly", "refused": "unreasonable"}[story.outcome]
            return operations.record_cause(
                one, cause_code=story.cause, cause_note=story.found, reasonableness=reasonable, by=self.desk, now=now
            )
        if step == "planned":
            return self._planned(one, story, now)
        if step == "approved":
            approver = eligible_approvers(one, now.date()).exclude(pk=self.compliance.pk).order_by("pk")[0]
            return operations.approve_plan(one, by=approver, now=now)
        if step == "answered":
            return operations.give_feedback(
                one, channel="phone", text=f"{story.plan}。", satisfaction=scene.satisfaction,
                by=self.desk, now=now,
            )  # fmt: skip
        return operations.close(one, by=self.desk, now=now)

    def _planned(self, one: Complaint, story: Story, now: datetime) -> Complaint:
        is_refused = story.outcome == "refused"
        return operations.propose_plan(
            one, plan=story.plan, outcome=story.outcome, refusal_reason=story.found if is_refused else "",
            appeal_text=APPEAL if is_refused else "", by=self.desk, now=now,
        )  # fmt: skip

    def _morning(self, scene: Scene) -> datetime:
        """Return a moment of work at most so many days before the last day's close."""
        day = self.scale.as_of - timedelta(days=scene.days_ago)
        while not self.calendar.is_working(day):
            day -= timedelta(days=1)
        return datetime.combine(day, time((9, 10, 13, 14)[scene.place % 4], scene.place * 7 % 60), SHANGHAI)

    def _moments(self, start: datetime) -> Iterator[datetime]:
        """Yield when the steps are taken, each some hours of work after the one before, none after the last close."""
        now = start
        last = datetime.combine(self.scale.as_of, time(17), SHANGHAI)
        while True:
            now = min(self.calendar.due_at(now, working_time=timedelta(hours=HOURS)), last)
            yield now
