"""The main menu: nine entries, what each needs, and which of them one person sees."""

from dataclasses import dataclass, replace
from functools import lru_cache

from django.urls import NoReverseMatch, reverse

from office.models import Employee


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `permission` is "app.codename", or "" for everybody who is signed in."""

    label: str
    icon: str
    route: str
    permission: str = ""
    children: tuple["Entry", ...] = ()
    url: str = ""
    is_current: bool = False


def _sub(label: str, route: str, permission: str) -> Entry:
    return Entry(label, "", route, permission)


MENU = (
    Entry("工作台", "home-check", "today"),
    Entry("客户", "users", "clients:list", "clients.view_client"),
    Entry(
        "价值与分层",
        "chart-pie",
        "segmentation:ranking",
        "segmentation.view_score",
        (
            _sub("价值排行", "segmentation:ranking", "segmentation.view_score"),
            _sub("分层网格", "segmentation:grid", "segmentation.view_score"),
            _sub("核心客户", "segmentation:core", "segmentation.view_score"),
            _sub("权重", "segmentation:weights", "segmentation.view_weights"),
        ),
    ),
    Entry(
        "分配",
        "arrows-exchange",
        "segmentation:plan_list",
        "segmentation.view_plan",
        (
            _sub("方案", "segmentation:plan_list", "segmentation.view_plan"),
            _sub("客户交接", "segmentation:handover_list", "segmentation.view_plan"),
            _sub("更换经理", "segmentation:change_list", "segmentation.view_manager_change"),
            _sub("我的建议", "segmentation:suggestions", "segmentation.suggest_client"),
            _sub("能力矩阵", "segmentation:matrix", "segmentation.view_matrix"),
        ),
    ),
    Entry(
        "服务",
        "headset",
        "service_logs:task_list",
        "service_logs.view_task",
        (
            _sub("任务", "service_logs:task_list", "service_logs.view_task"),
            _sub("服务日志", "service_logs:contact_list", "service_logs.view_task"),
            _sub("回访", "service_logs:visit_plan", "service_logs.view_visit"),
            _sub("服务策略", "service_logs:policy_list", "service_logs.view_rule"),
            _sub("话术", "service_logs:script_list", "service_logs.view_script"),
            _sub("MOT 目录", "service_logs:rule_list", "service_logs.view_rule"),
        ),
    ),
    Entry(
        "投诉与反馈",
        "message-report",
        "complaints:list",
        "complaints.view_complaint",
        (
            _sub("投诉列表", "complaints:list", "complaints.view_complaint"),
            _sub("看板", "complaints:board", "complaints.view_complaint"),
            _sub("我的待办", "complaints:queue", "complaints.view_complaint"),
            _sub("台账", "complaints:register", "complaints.view_figures"),
            _sub("分析", "complaints:analysis", "complaints.view_figures"),
            _sub("满意度", "complaints:satisfaction", "complaints.view_satisfaction"),
            _sub("满意度调查", "complaints:survey_list", "complaints.view_survey"),
            _sub("改进事项", "complaints:finding_list", "complaints.view_finding"),
            _sub("问卷", "clients:questionnaire_list", "clients.edit_questionnaire"),
            _sub("服务标准", "complaints:standard", ""),
        ),
    ),
    Entry(
        "挽留",
        "heart-handshake",
        "retention:list",
        "retention.view_churn",
        (
            _sub("流失风险", "retention:list", "retention.view_churn"),
            _sub("挽留个案", "retention:case_board", "retention.view_case"),
            _sub("时限看板", "retention:clock_board", "retention.view_request"),
            _sub("柜台受理", "retention:desk", "retention.register_request"),
            _sub("销户与转户", "retention:request_list", "retention.view_request"),
            _sub("超时申请", "retention:breach_list", "retention.view_breaches"),
            _sub("应对与话术", "retention:responses", "retention.view_reason"),
            _sub("客户不满", "retention:grievance_list", "retention.view_grievance"),
            _sub("其他券商账户", "retention:wallet_list", "retention.view_wallet"),
            _sub("情景演练", "retention:drill_list", "retention.view_drill"),
            _sub("流失原因", "retention:reasons", "retention.view_reason"),
            _sub("离开客户", "retention:winback_list", "retention.view_winback"),
            _sub("效果回测", "retention:backtest", "retention.view_pointset"),
            _sub("流失分值", "retention:points", "retention.view_pointset"),
        ),
    ),
    Entry("驾驶舱", "dashboard", "cockpit", "office.view_cockpit"),
    Entry(
        "系统",
        "settings",
        "night_list",
        children=(
            _sub("夜间作业", "night_list", "office.view_night"),
            _sub("导入批次", "clients:batch_list", "clients.view_importbatch"),
            _sub("员工与团队", "office:staff_list", "office.view_staff"),
            _sub("工作日历", "office:calendar", "office.view_staff"),
            _sub("审计", "office:audit_list", "office.view_audit"),
            _sub("接口", "office:key_list", "office.view_servicekey"),
        ),
    ),
)


# Pages whose name does not tell whose they are: route → the entry they belong to.
BESIDE = {
    "tier_moves": "cockpit",
    "complaints:yearly": "complaints:register",
    "complaints:limits": "complaints:analysis",
    "complaints:limit_edit": "complaints:analysis",
}
PERSONAL = frozenset({"office:notice_list", "office:password_change"})  # in nobody's menu, beside no entry
PERMISSIONS = frozenset(leaf.permission for entry in MENU for leaf in entry.children or (entry,)) - {""}


@lru_cache(maxsize=4096)
def link(route: str, *args: object) -> str:
    """Return the address of a route, or "" if this installation has none of that name."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def menu_for(user: Employee, route: str) -> tuple[Entry, ...]:
    """Return the entries `user` may open, with addresses; the one that `route` belongs to is current.

    `route` may be any page of an entry: the closest one is marked, by `BESIDE`, by equal name, then by the same
    app and first word (`clients:batch_detail` → `clients:batch_list`), then by the same app.
    """
    return _menu(_held(user), route)


_held_by: dict[tuple[object, ...], frozenset[str]] = {}  # posts → permissions: there are few sets of posts


def _held(user: Employee) -> frozenset[str]:
    """Return which permissions of the menu `user` holds; they hang on his posts alone."""
    posts = (user.is_active, user.is_superuser, *sorted(user.roles))
    if posts not in _held_by:
        _held_by[posts] = frozenset(permission for permission in PERMISSIONS if user.has_perm(permission))
    return _held_by[posts]


@lru_cache(maxsize=1024)
def _menu(held: frozenset[str], route: str) -> tuple[Entry, ...]:
    route = BESIDE.get(route, route)
    entries = [entry for entry in (_open_to(held, entry) for entry in MENU) if entry]
    leaves = [] if route in PERSONAL else [leaf.route for entry in entries for leaf in entry.children or (entry,)]
    near = max(leaves, key=lambda leaf: _nearness(leaf, route), default="")
    return tuple(_marked(entry, near if _nearness(near, route) else "") for entry in entries)


def _open_to(held: frozenset[str], entry: Entry) -> Entry | None:
    if entry.children:
        children = tuple(child for child in (_open_to(held, child) for child in entry.children) if child)
        return replace(entry, children=children, url=children[0].url) if children else None
    if entry.permission and entry.permission not in held:
        return None
    url = link(entry.route)
    return replace(entry, url=url) if url else None


def _nearness(leaf: str, route: str) -> int:
    """Return 3 for the same route, 2 for the same noun of the same app, 1 for the same app, 0 for none of these."""
    if leaf == route:
        return 3
    app, _, page = route.rpartition(":")
    leaf_app, _, leaf_page = leaf.rpartition(":")
    if app != leaf_app:
        return 0
    if page.split("_")[0] == leaf_page.split("_")[0]:
        return 2
    return 1 if app else 0


def _marked(entry: Entry, near: str) -> Entry:
    children = tuple(replace(child, is_current=child.route == near) for child in entry.children)
    inside = any(child.is_current for child in children) if children else entry.route == near
    return replace(entry, children=children, is_current=inside)
