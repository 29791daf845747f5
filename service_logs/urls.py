"""Pages of service: tasks, the log, policies, the catalogue."""

from django.urls import path

from service_logs.views import (
    batches,
    catalogue,
    contact_edits,
    contacts,
    exports,
    log,
    panel,
    policies,
    scripts,
    statistics,
    task_edits,
    tasks,
    visit_acts,
    visit_checks,
    visit_plans,
    visits,
)

app_name = "service_logs"

urlpatterns = [
    # /service/tasks/: what is owed, and what is done to many
    path("tasks/", tasks.list_tasks, name="task_list"),
    path("tasks/new/", task_edits.task_create, name="task_create"),
    path("tasks/bulk/", batches.task_bulk, name="task_bulk"),
    path("tasks/batches/<int:pk>/", batches.batch_detail, name="batch_detail"),
    path("tasks/batches/<int:pk>/withdraw/", batches.batch_withdraw, name="batch_withdraw"),
    path("tasks/export/", exports.task_export, name="task_export"),
    path("tasks/assign/", task_edits.task_assign, name="task_assign"),
    path("tasks/postpone/", task_edits.task_postpone, name="task_postpone"),
    path("tasks/cancel/", task_edits.task_cancel, name="task_cancel"),
    path("tasks/messages/", task_edits.task_messages, name="task_messages"),
    path("tasks/statistics/", statistics.statistics, name="statistics"),
    # /service/tasks/42/: one task
    path("tasks/<int:pk>/", tasks.task_detail, name="task_detail"),
    path("tasks/<int:pk>/done/", task_edits.task_done, name="task_done"),
    # /service/contacts/: what was done
    path("contacts/", contacts.list_contacts, name="contact_list"),
    path("contacts/new/", log.contact_create, name="contact_create"),
    path("contacts/export/", exports.contact_export, name="contact_export"),
    path("contacts/<int:pk>/", contacts.contact_detail, name="contact_detail"),
    path("contacts/<int:pk>/edit/", contact_edits.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/undo/", contact_edits.contact_undo, name="contact_undo"),
    # /service/policies/ and /service/rules/: how often whom one calls, what the night looks for
    path("policies/", policies.policy_list, name="policy_list"),
    path("policies/<int:pk>/edit/", policies.policy_edit, name="policy_edit"),
    path("rules/", catalogue.rule_list, name="rule_list"),
    path("rules/<int:number>/edit/", catalogue.rule_edit, name="rule_edit"),
    # /service/scripts/: what to say
    path("scripts/", scripts.script_list, name="script_list"),
    path("scripts/<str:key>/", scripts.script_detail, name="script_detail"),
    path("scripts/<str:key>/edit/", scripts.script_edit, name="script_edit"),
    path("scripts/<str:key>/approve/", scripts.script_approve, name="script_approve"),
    path("scripts/<str:key>/retire/", scripts.script_retire, name="script_retire"),
    # /service/visits/: independent return visits
    path("visits/", visit_plans.visit_plan, name="visit_plan"),
    path("visits/plan/new/", visit_plans.visit_plan_make, name="visit_plan_make"),
    path("visits/plan/<int:pk>/add/", visit_plans.visit_plan_add, name="visit_plan_add"),
    path("visits/give/", visit_plans.visit_give_out, name="visit_give_out"),
    path("visits/calls/", visits.visit_calls, name="visit_calls"),
    path("visits/list/", visits.list_visits, name="visit_list"),
    path("visits/export/", visits.visit_export, name="visit_export"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/record/", visit_acts.visit_record, name="visit_record"),
    path("visits/<int:pk>/tried/", visit_acts.visit_tried, name="visit_tried"),
    path("visits/<int:pk>/assign/", visit_acts.visit_assign, name="visit_assign"),
    path("visits/<int:pk>/recording/", visit_acts.visit_recording, name="visit_recording"),
    path("visits/<int:pk>/finding/", visit_checks.check_finding, name="visit_check_finding"),
    path("visits/checks/", visit_checks.list_checks, name="visit_checks"),
    path("visits/checks/new/", visit_checks.check_draw, name="visit_check_draw"),
    path("visits/checks/<int:pk>/", visit_checks.check_detail, name="visit_check_detail"),
    # /service/clients/42/: panels of the client page
    path("clients/<int:pk>/", panel.client_panel, name="client_panel"),
    path("clients/<int:pk>/next/", panel.client_next, name="client_next"),
]
