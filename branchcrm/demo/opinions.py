"""What clients of a demonstration branch said when they were asked, and what the branch made of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from branchcrm.demo.scale import LARGE, Scale
from clients.models import AnswerSheet, Questionnaire
from clients.operations.questionnaires import seed_questionnaires
from complaints.models import Finding, Invitation, SurveyRun
from complaints.operations.findings import Found, drop, find, finish, plan_measure, publish_standard, remeasure
from complaints.operations.survey_answers import answer_by_link, answer_for
from complaints.operations.surveys import Plan, make_run, open_run
from complaints.queries.surveys import token_of
from office.dates import SHANGHAI
from office.models import Branch, Employee, Role

# Title, begins and ends so many days before the last day of the data (after it if negative), share that answers.
RUNS = (
    ("上半年客户满意度调查", 150, 120, 0.62),
    ("三季度客户满意度调查", 70, 20, 0.58),
    ("四季度客户满意度调查", 6, -24, 0.3),
)
SAMPLE = 170
MOODS = ("aabbbbccde", "aaabbbbbcd", "aaabbbbbbc")  # what the overall question is answered with, run by run
WORDS = (
    "希望早一点通知新股申购",
    "想听线下讲座",
    "办理业务时等得有点久",
    "客户经理很少联系",
    "希望介绍账户分析功能",
    "",
)
PROMISES = (
    "电话铃响三声内接听，首问负责到底", "工作时间的咨询当日答复，不能答复的说明时限", "投诉当日受理，按期反馈",
    "不承诺收益，不代客操作，风险如实告知", "客户资料严格保密", "客户办理转户、销户不设障碍",
)  # fmt: skip


class Opinions:
    """Writes the surveys and findings of one branch."""

    def __init__(self, branch: Branch, scale: Scale) -> None:
        self.branch, self.scale, self.as_of = branch, scale, scale.as_of
        self.random = scale.random("opinions", int(branch.code))
        staff = Employee.objects.filter(branch=branch, is_active=True).order_by("staff_no")
        self.desk = staff.filter(roles__contains=[Role.SERVICE_STAFF]).get()
        self.director = staff.filter(roles__contains=[Role.MARKET_DIRECTOR]).get()
        self.leader = staff.filter(roles__contains=[Role.TEAM_LEADER])[0]

    def write(self) -> int:
        """Ask, answer and draw the findings; return how many sheets there are. A large branch tells none of it."""
        if self.scale.clients >= LARGE or SurveyRun.objects.filter(branch=self.branch).exists():
            return 0
        seed_questionnaires()
        publish_standard(slogan="专业、及时、诚信", promises="\n".join(PROMISES), note="首次发布", by=self.director)
        runs = [self._run(place, *told) for place, told in enumerate(RUNS)]
        self._findings(runs[0], runs[1])
        return AnswerSheet.objects.filter(branch=self.branch).count()

    def _run(self, place: int, title: str, begins: int, ends: int, share: float) -> SurveyRun:
        opens = self.as_of - timedelta(days=begins)
        plan = Plan(
            title, Questionnaire.objects.get(branch=None, code="satisfaction", state="active"), ["online", "phone"],
            opens, self.as_of - timedelta(days=ends), sample_size=SAMPLE, seed=place + 1, reminders_most=2,
        )  # fmt: skip
        run = make_run(plan, by=self.desk)
        open_run(run, by=self.desk, now=_at(opens))
        run = SurveyRun.objects.select_related("questionnaire", "branch").get(pk=run.pk)
        rows = Invitation.objects.filter(run=run).select_related("client__standing", "client__branch", "manager")
        last = min(self.as_of, run.closes_on)
        for row in rows.order_by("pk"):
            if self.random.random() < share:
                row.run = run
                self._answer(row, place, opens, last)
        return run

    def _answer(self, row: Invitation, place: int, first: date, last: date) -> None:
        day = first + timedelta(days=int(self.random.integers(0, (last - first).days + 1)))
        at, answers = _at(day) + timedelta(minutes=int(self.random.integers(0, 360))), self._said(place)
        if row.channel == "online":
            answer_by_link(token_of(row), answers, now=min(at, _at(first + timedelta(days=28))))
        elif row.manager_id != self.desk.pk:
            answer_for(row, answers, by=self.desk, now=at)

    def _said(self, place: int) -> dict[str, Any]:
        """Return one client's answers: the parts are near the whole, attitude better after the first run."""
        overall = MOODS[place][int(self.random.integers(0, 10))]
        said: dict[str, Any] = {"1": overall, "7": str(int(self.random.integers(5, 11)))}
        if overall in "de":
            said["2"] = [str(self.random.choice(list("abcd")))]
        for number in ("3", "4", "5", "6"):
            step = "abcde".index(overall) + int(self.random.integers(-1, 2)) - (place if number == "3" else 0)
            said[number] = "abcde"[min(max(step, 0), 4)]
        words = WORDS[int(self.random.integers(0, len(WORDS)))]
        return {**said, "8": words} if words else said

    def _findings(self, first: SurveyRun, second: SurveyRun) -> None:
        done = first.closes_on + timedelta(days=30)
        attitude = self._planned("接听电话不够耐心", "attitude", first, "training", done)
        held = self._finished(attitude, "两个团队完成礼仪培训，抽听 40 通电话合格", done)
        remeasure(held, second, version=held.version, by=self.director)
        speed = self._planned("柜台高峰时段等待偏久", "speed", second, "process", self.as_of - timedelta(days=8))
        self._finished(speed, "开盘前后增设一个窗口", self.as_of - timedelta(days=9))
        self._planned("资讯推送与客户需要不符", "information", second, "process", self.as_of - timedelta(days=5))
        self._planned("新入职经理业务不熟", "skill", second, "training", self.as_of + timedelta(days=25))
        self._found("软件高峰期登录慢", "channel", second)
        unhappy = Invitation.objects.filter(run=second, sheet__score__lte=2).select_related("sheet__client", "client")
        low = unhappy.order_by("pk").first()
        if low is not None and low.sheet is not None:
            one = Found(
                "希望固定专人电话联系", "other", "individual", client=low.client, clients_count=1, base_run=second,
                sheets=[low.sheet],
            )  # fmt: skip
            find(one, by=self.director)
        fees = self._found("希望对小额客户也降低佣金", "fees", second)
        drop(fees, reason="佣金按公司统一政策执行，已向客户说明", version=fees.version, by=self.director)

    def _found(self, title: str, topic: str, run: SurveyRun) -> Finding:
        rows = AnswerSheet.objects.filter(invitation__run=run)
        low = list(rows.filter(**{f"topics__{topic}__lte": 2}).order_by("pk")) if topic in _TOPICS else []
        found = Found(
            title, topic, "common", clients_count=len(low), answered_count=rows.count(), base_run=run, sheets=low
        )
        return find(found, by=self.director)

    def _planned(self, title: str, topic: str, run: SurveyRun, kind: str, due_on: date) -> Finding:
        one = self._found(title, topic, run)
        return plan_measure(
            one, measure_kind=kind, measure=one.proposal[1], owner=self.leader, due_on=due_on, version=one.version,
            by=self.director,
        )  # fmt: skip

    def _finished(self, one: Finding, result: str, done_on: date) -> Finding:
        return finish(one, result=result, done_on=done_on, version=one.version, by=self.leader)


_TOPICS = ("attitude", "skill", "speed", "information")


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10, 0), SHANGHAI)
