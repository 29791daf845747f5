"""Pages of allocation: plans, what is done with them, and the matrix of strengths."""

from django.urls import path

from segmentation.views import changes, handover, matrix, plan_acts, plan_lines, plans, suggestions, wishes

urlpatterns = [
    # /value/plans/: all plans, and how new ones are made
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/new/", plans.plan_create, name="plan_create"),
    path("plans/departure/<int:pk>/", plans.plan_departure, name="plan_departure"),
    # /value/plans/42/: one plan
    path("plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("plans/<int:pk>/print/", plans.plan_print, name="plan_print"),
    path("plans/<int:pk>/export/", plans.plan_export, name="plan_export"),
    path("plans/<int:pk>/publish/", plan_acts.plan_publish, name="plan_publish"),
    path("plans/<int:pk>/lines/", plan_lines.plan_decide, name="plan_decide"),
    path("plans/<int:pk>/lines/undo/", plan_lines.plan_undo_lines, name="plan_undo_lines"),
    path("plans/<int:pk>/approve/", plan_acts.plan_approve, name="plan_approve"),
    path("plans/<int:pk>/reject/", plan_acts.plan_reject, name="plan_reject"),
    path("plans/<int:pk>/apply/", plan_acts.plan_apply, name="plan_apply"),
    path("plans/<int:pk>/undo/", plan_acts.plan_undo, name="plan_undo"),
    # /value/handovers/: who was given to whom, and the dossier of each
    path("handovers/", handover.handover_list, name="handover_list"),
    path("handovers/<int:pk>/", handover.handover_detail, name="handover_detail"),
    path("handovers/<int:pk>/print/", handover.handover_print, name="handover_print"),
    path("handovers/<int:pk>/confirm/", handover.handover_confirm, name="handover_confirm"),
    # /value/changes/: clients who ask for another manager
    path("changes/", changes.change_list, name="change_list"),
    path("changes/<int:pk>/", changes.change_detail, name="change_detail"),
    path("changes/<int:pk>/grant/", changes.change_grant, name="change_grant"),
    path("changes/<int:pk>/refuse/", changes.change_refuse, name="change_refuse"),
    path("changes/<int:pk>/withdraw/", changes.change_withdraw, name="change_withdraw"),
    path("clients/<int:pk>/change/", changes.change_create, name="change_create"),
    path("clients/<int:pk>/changes/", changes.client_changes, name="client_changes"),
    # /value/matrix/: strengths and weaknesses side by side
    path("matrix/", matrix.matrix, name="matrix"),
    # /value/suggestions/: what a manager himself suggests
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/kinds/", suggestions.kinds_state, name="kinds_state"),
    path("suggestions/add/", suggestions.suggestion_add, name="suggestion_add"),
    path("suggestions/<int:pk>/remove/", suggestions.suggestion_remove, name="suggestion_remove"),
    # /value/clients/42/wish/: what a client says about managers
    path("clients/<int:pk>/wish/", wishes.wish, name="wish"),
]
