"""Pages of clients: the list, one client, what the counter delivered."""

from django.urls import path

from clients.views import archive, batches, detail, listing, panels, questionnaires

app_name = "clients"

urlpatterns = [
    # /clients/: the list and what is done to many
    path("", listing.client_list, name="list"),
    path("suggest/", listing.client_suggest, name="suggest"),
    path("export/", listing.client_export, name="export"),
    path("importance/", listing.mark_importance, name="mark_importance"),
    path("owner/<int:pk>/", panels.owner_panel, name="owner_panel"),
    # /clients/batches/: what the counter delivered
    path("batches/", batches.batch_list, name="batch_list"),
    path("batches/upload/", batches.batch_upload, name="batch_upload"),
    path("batches/<int:pk>/", batches.batch_detail, name="batch_detail"),
    path("batches/<int:pk>/rerun/", batches.batch_rerun, name="batch_rerun"),
    path("batches/<int:pk>/quarantine/", batches.quarantine_export, name="quarantine_export"),
    # /clients/questionnaires/: what clients are asked
    path("questionnaires/", questionnaires.questionnaire_list, name="questionnaire_list"),
    path("questionnaires/new/", questionnaires.questionnaire_create, name="questionnaire_create"),
    path("questionnaires/<int:pk>/", questionnaires.questionnaire_detail, name="questionnaire_detail"),
    path("questionnaires/<int:pk>/edit/", questionnaires.questionnaire_edit, name="questionnaire_edit"),
    path("questionnaires/<int:pk>/version/", questionnaires.questionnaire_version, name="questionnaire_version"),
    path("questionnaires/<int:pk>/activate/", questionnaires.questionnaire_activate, name="questionnaire_activate"),
    path("questionnaires/<int:pk>/retire/", questionnaires.questionnaire_retire, name="questionnaire_retire"),
    # /clients/42/: one client
    path("<int:pk>/", detail.client_detail, name="detail"),
    path("<int:pk>/edit/", archive.client_edit, name="edit"),
    path("<int:pk>/preferences/", archive.client_preferences, name="preferences"),
    path("<int:pk>/unmask/", detail.client_unmask, name="unmask"),
]
