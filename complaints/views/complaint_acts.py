"""Everything that is done to one complaint: what each act is called and needs, its form and its operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from complaints import operations as ops
from complaints.forms import complaint_acts as forms
from complaints.models import Complaint
from office.models import Employee

HANDLE, APPROVE, TAKE = "complaints.handle_complaint", "complaints.approve_complaint", "complaints.take_complaint"
VIEW, RELEASE, HOLD = "complaints.view_complaint", "complaints.release_words", "complaints.hold_complaint"


@dataclass(frozen=True)
class Act:
    """One act: what it is called, what it needs and why, who may open it, and the operation behind it."""

    key: str
    verb: str
    needed: str  # which facts it cannot be taken without
    form: type[forms.ActForm]
    run: Callable[..., Any]
    permission: str = HANDLE
    icon: str = "pencil"
    leads: bool = False  # to the next state: the filled button of the page
    takes_away: bool = False

    @property
    def route(self) -> str:
        """The name of its address."""
        return f"complaints:{self.key}"


def _attach(complaint: Complaint, *, file: Any, by: Employee, version: int) -> None:
    ops.attach(complaint, name=file.name, data=file.read(), by=by, version=version)


def _identify(complaint: Complaint, *, client_no: Any, by: Employee, version: int) -> None:
    ops.identify(complaint, client_no, by=by, version=version)


def _name(complaint: Complaint, *, employee: Employee, **said: Any) -> None:
    ops.add_party(complaint, employee, **said)


def _release(complaint: Complaint, *, employee: Employee, **said: Any) -> None:
    ops.release_words(complaint, employee, **said)


def _hand_over(complaint: Complaint, *, to: Employee, **said: Any) -> None:
    ops.hand_over(complaint, to, **said)


def _refer(complaint: Complaint, *, to: Employee, **said: Any) -> None:
    ops.refer(complaint, to, **said)


def _answer(complaint: Complaint, *, answer: str, by: Employee, version: int) -> None:
    referral = complaint.referrals.filter(employee=by, answered_at=None).order_by("due_at", "pk").first()
    if referral is None:
        raise Http404
    ops.answer_referral(referral, answer=answer, by=by, version=version)


def _hold(complaint: Complaint, **said: Any) -> None:
    ops.set_hold(complaint, held=True, **said)


def _lift(complaint: Complaint, **said: Any) -> None:
    ops.set_hold(complaint, held=False, **said)


def _merge(complaint: Complaint, *, into: Complaint, **said: Any) -> None:
    ops.merge(complaint, into, **said)


ACTS = {
    act.key: act
    for act in (
        Act(
            "answer",
            "回复转交",
            "填写您部门的处理情况",
            forms.AnswerForm,
            _answer,
            "complaints.answer_referral",
            leads=True,
        ),
        Act(
            "approve",
            "批准方案",
            "须有处理方案；处理人和方案提出人不能批准，复核后由复核人批准",
            forms.NoteForm,
            ops.approve_plan,
            APPROVE,
            "signature",
            leads=True,
        ),
        Act(
            "extend",
            "批准延长",
            "延长只有一次；申请人不能批准自己的申请",
            forms.NoteForm,
            ops.extend,
            APPROVE,
            "calendar-event",
            leads=True,
        ),
        Act(
            "decline_extension",
            "驳回延长",
            "须有理由，告知申请人；时限不变，可以再次申请",
            forms.ReasonForm,
            ops.decline_extension,
            APPROVE,
            "x",
            takes_away=True,
        ),
        Act(
            "accept_mediation",
            "同意调解",
            "客户申请调解的，只能同意",
            forms.NoteForm,
            ops.accept_mediation,
            icon="scale",
            leads=True,
        ),
        Act(
            "investigate",
            "开始调查",
            "受理时限随之停止，调查时限开始",
            forms.NoteForm,
            ops.start_investigation,
            icon="search",
            leads=True,
        ),
        Act("cause", "记录原因", "查明原因后才能进入处理", forms.CauseForm, ops.record_cause, icon="bulb", leads=True),
        Act(
            "propose",
            "提出方案",
            "须有方案和结论，再由他人批准；不支持须有理由、诉求核实为不合理或部分合理，并告知救济途径",
            forms.PlanForm,
            ops.propose_plan,
            leads=True,
        ),
        Act(
            "close",
            "结案",
            "须已向客户反馈；客户申请调解的须先同意",
            forms.NoteForm,
            ops.close,
            icon="circle-check",
            leads=True,
        ),
        Act(
            "feedback",
            "记录反馈",
            "反馈后才能结案；2 分及以下由他人回访",
            forms.FeedbackForm,
            ops.give_feedback,
            icon="message",
            leads=True,
        ),
        Act("refer", "转交部门", "对方在时限内回复，处理人不变", forms.ReferForm, _refer, icon="send"),
        Act(
            "classify",
            "修改分类",
            "正在计时的时限不变，之后的时限按新的紧急程度",
            forms.ClassifyForm,
            ops.classify,
            icon="tag",
        ),
        Act("identify", "关联客户", "来电时未核实身份的，核实后关联", forms.IdentifyForm, _identify, icon="user-check"),
        Act("resume", "恢复计时", "时限按暂停的工作时间顺延", forms.NoteForm, ops.resume, icon="player-play"),
        Act(
            "pause",
            "暂停计时",
            "须有理由；已逾期的、转办回复和最长办理不暂停",
            forms.ReasonForm,
            ops.pause,
            icon="player-pause",
        ),
        Act(
            "ask_extension",
            "申请延长",
            "须有理由，经批准后生效",
            forms.ExtensionForm,
            ops.request_extension,
            icon="calendar-event",
        ),
        Act(
            "ask_mediation",
            "登记调解申请",
            "客户提出即登记，不能拒绝",
            forms.MediationForm,
            ops.request_mediation,
            icon="scale",
        ),
        Act(
            "second_opinion",
            "要求复核",
            "客户对答复不满意时，由未参与的人重新批准；只有一次",
            forms.ReviewForm,
            ops.second_opinion,
            icon="refresh",
        ),
        Act("merge", "并案", "同一事项重复投诉的，并入先收到的一件；可以撤销", forms.MergeForm, _merge, icon="link"),
        Act("unmerge", "撤销并案", "恢复为独立的投诉，时限如同从未停止", forms.ReasonForm, ops.unmerge, icon="link"),
        Act("reject", "不予受理", "须有理由并告知救济途径", forms.RejectForm, ops.reject, icon="ban", takes_away=True),
        Act(
            "withdraw",
            "客户撤回",
            "写明客户撤回的方式和理由",
            forms.ReasonForm,
            ops.withdraw,
            icon="arrow-back-up",
            takes_away=True,
        ),
        Act("attach", "添加附件", "只增不减，保存 20 年", forms.AttachForm, _attach, VIEW, "file-text"),
        Act("name", "列为被投诉人", "须回避：不能办理，也看不到", forms.NameForm, _name, TAKE, "user-off"),
        Act("release", "准予查看", "由合规决定", forms.ReleaseForm, _release, RELEASE, "eye"),
        Act(
            "hand_over",
            "更换处理人",
            "首问负责：处理人离岗、休假或须回避时才能更换",
            forms.HandOverForm,
            _hand_over,
            icon="user-check",
        ),
        Act("hold", "设立法律保全", "保全期间任何内容都不能销毁", forms.ReasonForm, _hold, HOLD, "lock"),
        Act("lift_hold", "解除法律保全", "解除后按保存期限保管", forms.ReasonForm, _lift, HOLD, "lock-open"),
    )
}
