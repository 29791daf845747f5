"""Pages of clients: the list, one client, what the counter delivered."""

from django.urls import path

from clients.views import archive, batches, detail, listing, panels

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
    # /clients/42/: one client
    path("<int:pk>/", detail.client_detail, name="detail"),
    path("<int:pk>/edit/", archive.client_edit, name="edit"),
    path("<int:pk>/preferences/", archive.client_preferences, name="preferences"),
    path("<int:pk>/unmask/", detail.client_unmask, name="unmask"),
]
