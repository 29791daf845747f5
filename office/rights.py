"""Which role may do what, and how far each role sees.

One table for both questions. `RoleBackend` answers `user.has_perm`, `reach` answers `visible_to`.
"""

from datetime import date
from enum import IntEnum
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from office.models import Employee, Role, ServiceKey

Principal = Employee | ServiceKey  # who asks: a person, or another system by its key

R = Role
DIRECTORS = {R.MARKET_DIRECTOR, R.BRANCH_MANAGER}
ASSISTED = DIRECTORS | {R.DIRECTOR_ASSISTANT}
SERVING = {R.CLIENT_MANAGER, R.SECURITIES_AGENT, R.ADVISER, R.TEAM_LEADER}
WATCHING = {R.COMPLIANCE, R.RISK_CONTROL, R.AUDITOR}
OPERATING = {R.OPERATIONS_CLERK, R.OPERATIONS_DIRECTOR, R.SYSTEM_ADMIN}
CLIENT_READERS = ASSISTED | SERVING | WATCHING | {R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR}
COUNTER_DESK = {R.COUNTER, R.OPERATIONS_CLERK, R.OPERATIONS_DIRECTOR}
COMPLAINT_DESK = {R.SERVICE_STAFF, R.COMPLIANCE}
VISITORS = {R.SERVICE_STAFF, R.HEAD_OFFICE_SERVICE, R.COMPLIANCE, R.BRANCH_MANAGER}

# codename → the roles that hold it; a codename missing here is held by nobody.
GRANTS: dict[str, set[Role]] = {
    "clients.view_client": CLIENT_READERS,
    "clients.edit_client": ASSISTED | SERVING | {R.CLIENT_ADMINISTRATOR, R.SERVICE_STAFF},
    "clients.unmask_client": ASSISTED | SERVING | {R.COMPLIANCE, R.SERVICE_STAFF},
    "clients.export_client": ASSISTED | {R.TEAM_LEADER, R.COMPLIANCE},
    "clients.view_importbatch": ASSISTED | OPERATING | WATCHING | {R.TECH_SUPPORT},
    "clients.import_feed": OPERATING | {R.TECH_SUPPORT},
    "segmentation.view_score": CLIENT_READERS,
    "segmentation.view_weights": ASSISTED | WATCHING | {R.TEAM_LEADER, R.CLIENT_MANAGER, R.ADVISER},
    "segmentation.edit_weights": ASSISTED,
    "segmentation.approve_weights": DIRECTORS,
    "segmentation.override_tier": DIRECTORS,
    "segmentation.view_plan": ASSISTED | SERVING | WATCHING,
    "segmentation.make_plan": {R.MARKET_DIRECTOR, R.DIRECTOR_ASSISTANT},
    "segmentation.approve_plan": {R.MARKET_DIRECTOR},
    "segmentation.apply_plan": {R.MARKET_DIRECTOR},
    "segmentation.suggest_client": SERVING,
    "segmentation.view_matrix": ASSISTED | WATCHING | {R.TEAM_LEADER},
    "service_logs.view_task": CLIENT_READERS,
    "service_logs.do_task": ASSISTED | SERVING | {R.CLIENT_ADMINISTRATOR, R.SERVICE_STAFF},
    "service_logs.close_task": ASSISTED | SERVING | {R.CLIENT_ADMINISTRATOR, R.SERVICE_STAFF, R.COMPLIANCE},
    "service_logs.assign_task": ASSISTED | {R.TEAM_LEADER},
    "service_logs.edit_policy": ASSISTED,
    "service_logs.edit_rule": ASSISTED,
    "service_logs.view_rule": CLIENT_READERS,
    "service_logs.view_script": CLIENT_READERS,
    "service_logs.edit_script": ASSISTED | {R.TEAM_LEADER, R.COMPLIANCE},
    "service_logs.approve_script": DIRECTORS | {R.COMPLIANCE},
    # Visits of clients are nobody's who sells; who serves or won the client is kept out by office.independence.
    "service_logs.view_visit": ASSISTED | WATCHING | {R.SERVICE_STAFF, R.HEAD_OFFICE_SERVICE},
    "service_logs.make_visit": VISITORS,
    "service_logs.plan_visits": VISITORS,
    "service_logs.spot_check": {R.HEAD_OFFICE_SERVICE, R.COMPLIANCE, R.AUDITOR},
    "service_logs.export_visit": {R.BRANCH_MANAGER, R.HEAD_OFFICE_SERVICE, R.COMPLIANCE, R.AUDITOR},
    # Nobody named in a complaint acts on it or sees it, whatever he holds here: complaints.operations and visible_to.
    "complaints.view_complaint": CLIENT_READERS | {R.COUNTER, R.OPERATIONS_CLERK, R.OPERATIONS_DIRECTOR},
    "complaints.take_complaint": ASSISTED | SERVING | COMPLAINT_DESK | {R.CLIENT_ADMINISTRATOR, R.COUNTER},
    "complaints.handle_complaint": ASSISTED | COMPLAINT_DESK | {R.TEAM_LEADER},
    "complaints.lead_complaint": DIRECTORS,  # act in the handler's stead
    "complaints.approve_complaint": DIRECTORS | {R.COMPLIANCE},
    "complaints.answer_referral": CLIENT_READERS | {R.COUNTER, R.OPERATIONS_CLERK, R.OPERATIONS_DIRECTOR},
    "complaints.release_words": {R.COMPLIANCE},
    "complaints.hold_complaint": {R.COMPLIANCE},
    "complaints.view_figures": ASSISTED | WATCHING | {R.TEAM_LEADER, R.SERVICE_STAFF},
    "complaints.export_complaint": ASSISTED | {R.COMPLIANCE, R.AUDITOR},
    "complaints.edit_limit": DIRECTORS | {R.COMPLIANCE},
    "retention.view_churn": CLIENT_READERS,
    "retention.view_pointset": ASSISTED | WATCHING | {R.TEAM_LEADER},
    "retention.edit_points": ASSISTED,
    "retention.approve_points": DIRECTORS,
    # Who leaves is registered by whoever he asks, and served by the desk alone: no marketing post can hold him up.
    "retention.view_request": CLIENT_READERS | COUNTER_DESK,
    "retention.register_request": ASSISTED | SERVING | COUNTER_DESK | {R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR},
    "retention.serve_request": COUNTER_DESK,
    "retention.export_request": ASSISTED | {R.COMPLIANCE, R.OPERATIONS_DIRECTOR},
    "retention.view_breaches": ASSISTED | WATCHING | {R.OPERATIONS_DIRECTOR},
    # Posts outside marketing inform and record; what is offered, and whose case it is, stays with marketing (DNI-06).
    "retention.view_case": CLIENT_READERS | COUNTER_DESK,
    "retention.work_case": ASSISTED | SERVING | COUNTER_DESK | {R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR},
    "retention.make_offer": ASSISTED | SERVING,
    "retention.hand_over_case": ASSISTED | {R.TEAM_LEADER},
    "retention.edit_case_setting": DIRECTORS,
    "retention.view_reason": CLIENT_READERS | COUNTER_DESK,
    "retention.export_reason": ASSISTED | {R.COMPLIANCE},
    "retention.write_response": ASSISTED,
    "retention.view_drill": CLIENT_READERS | COUNTER_DESK,
    "retention.run_drill": ASSISTED | {R.TEAM_LEADER},
    "retention.view_wallet": CLIENT_READERS,
    "retention.edit_wallet": ASSISTED | SERVING | {R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR},
    "retention.view_grievance": CLIENT_READERS,
    "retention.edit_grievance": ASSISTED | SERVING | {R.SERVICE_STAFF, R.CLIENT_ADMINISTRATOR, R.COMPLIANCE},
    "retention.export_winback": ASSISTED | {R.COMPLIANCE},
    "retention.view_winback": ASSISTED | SERVING | {R.SERVICE_STAFF, R.COMPLIANCE},
    # The present manager learns the outcome alone; his leader asks for nothing on the client's behalf.
    "segmentation.ask_manager_change": ASSISTED | COUNTER_DESK | {R.SERVICE_STAFF},
    "segmentation.view_manager_change": ASSISTED | WATCHING | COUNTER_DESK | {R.SERVICE_STAFF},
    "segmentation.decide_manager_change": DIRECTORS,
    # Whoever asks clients what they think sees the whole branch and none of his own clients: complaints.operations.
    "complaints.view_survey": ASSISTED | WATCHING | {R.SERVICE_STAFF},
    "complaints.run_survey": ASSISTED | {R.SERVICE_STAFF},
    "complaints.view_satisfaction": CLIENT_READERS,  # managers their own figures, and none of under five answers
    "complaints.view_finding": CLIENT_READERS | {R.COUNTER, R.OPERATIONS_CLERK, R.OPERATIONS_DIRECTOR},
    "complaints.edit_finding": ASSISTED | {R.SERVICE_STAFF, R.COMPLIANCE},
    "complaints.edit_standard": ASSISTED,
    "clients.edit_questionnaire": ASSISTED | {R.SERVICE_STAFF},
    "office.view_cockpit": ASSISTED | WATCHING | {R.TEAM_LEADER},
    "office.view_night": ASSISTED | OPERATING | WATCHING | {R.TECH_SUPPORT},
    "office.run_night": DIRECTORS | {R.OPERATIONS_DIRECTOR, R.SYSTEM_ADMIN, R.TECH_SUPPORT},
    "office.accept_gate": DIRECTORS,
    "office.view_staff": ASSISTED | OPERATING | WATCHING | {R.TEAM_LEADER},
    "office.edit_staff": {R.BRANCH_MANAGER, R.MARKET_DIRECTOR, R.SYSTEM_ADMIN},
    "office.edit_skill": ASSISTED | {R.TEAM_LEADER},
    "office.edit_calendar": {R.SYSTEM_ADMIN, R.OPERATIONS_DIRECTOR},
    # Whoever hands a key out answers for what it reads; whoever sees danger may stop it.
    "office.view_servicekey": DIRECTORS | OPERATING | WATCHING | {R.TECH_SUPPORT},
    "office.make_servicekey": DIRECTORS,
    "office.revoke_servicekey": DIRECTORS | {R.SYSTEM_ADMIN, R.COMPLIANCE},
    "office.view_audit": {R.BRANCH_MANAGER, R.COMPLIANCE, R.AUDITOR, R.RISK_CONTROL},
}


class Reach(IntEnum):
    """How far a person sees into the clients of the branch."""

    NONE = 0
    OWN = 1
    TEAM = 2
    BRANCH = 3


REACH: dict[Role, Reach] = {
    **dict.fromkeys((R.CLIENT_MANAGER, R.SECURITIES_AGENT, R.ADVISER, R.CLIENT_ADMINISTRATOR), Reach.OWN),
    R.TEAM_LEADER: Reach.TEAM,
    **dict.fromkeys(ASSISTED | WATCHING | {R.SERVICE_STAFF}, Reach.BRANCH),
}


def holders(permission: str) -> list[str]:
    """Return the posts that hold `permission` ("app.codename") in words, in the order of `Role`."""
    return [str(role.label) for role in Role if role in GRANTS.get(permission, set())]


def reach(user: Principal) -> Reach:
    """Return the widest reach among the roles of `user`; an inactive user reaches nothing, a key its branches."""
    if not user.is_active or not branch_ids(user):
        return Reach.NONE
    if isinstance(user, ServiceKey):
        return Reach.BRANCH
    return max((REACH.get(Role(role), Reach.NONE) for role in user.roles), default=Reach.NONE)


def branch_ids(user: Principal) -> list[int]:
    """Return the branches whose rows `user` may know of: a person's own, those a key was made for."""
    if isinstance(user, ServiceKey):
        return user.branch_ids
    return [user.branch_id] if user.branch_id else []


def own(user: Principal, field: str) -> Q:
    """Return the condition that `field` names `user` himself; nothing is a key's own."""
    return Q(**{field: user}) if isinstance(user, Employee) else Q(pk__in=[])


def owners(user: Employee, on: date) -> QuerySet[Employee]:
    """Return whose clients a person with reach OWN or TEAM serves on that day: own, the team's, those stood in for."""
    mine = Q(pk=user.pk) | Q(leaves__substitute=user, leaves__starts_on__lte=on, leaves__ends_on__gte=on)
    if reach(user) == Reach.TEAM and user.team_id is not None:
        mine |= Q(team_id=user.team_id)
    return Employee.objects.filter(mine, branch_id=user.branch_id or 0)


def owner_ids(user: Employee, on: date) -> list[int]:
    """Return the ids of `owners`, in order."""
    return sorted(owners(user, on).values_list("pk", flat=True).distinct())


# Asked with every page: as an expression of the ORM it takes longer to put into words than to answer.
UNREAD = "SELECT count(*) FROM office_notice n WHERE n.employee_id = office_employee.id AND n.read_at IS NULL"


class RoleBackend(ModelBackend):
    """Signs employees in and answers `has_perm` from GRANTS; groups and per-user permissions are not used."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return False
        return user_obj.is_superuser or not GRANTS.get(perm, set()).isdisjoint(user_obj.roles)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active and user_obj.is_superuser)

    def get_user(self, user_id: int) -> Employee | None:
        """Return the signed-in employee with what every page shows: branch, team and `unread` notices, in one query."""
        counted = RawSQL(UNREAD, [], IntegerField())
        user = Employee.objects.select_related("branch", "team").annotate(unread=counted).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
