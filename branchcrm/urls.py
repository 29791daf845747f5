"""Every address of the office, an app a line."""

from django.contrib import admin
from django.urls import include, path

from branchcrm.views import cockpit, interface, night
from complaints.views.survey_public import survey_public
from service_logs.views.today import today

urlpatterns = [
    path("", today, name="today"),
    path("", include("office.urls")),
    path("clients/", include("clients.urls")),
    path("value/", include("segmentation.urls")),
    path("service/", include("service_logs.urls")),
    path("complaints/", include("complaints.urls")),
    path("retention/", include("retention.urls")),
    # Across the apps
    path("s/<str:token>/", survey_public, name="survey_public"),  # the one-time link of a survey, without login
    path("night/", night.night_list, name="night_list"),
    path("night/run/", night.night_run, name="night_run"),
    path("night/<int:pk>/", night.night_detail, name="night_detail"),
    path("night/<int:pk>/live/", night.night_live, name="night_live"),
    path("night/<int:pk>/accept/", night.night_accept, name="night_accept"),
    path("night/<int:pk>/changes/", night.night_changes, name="night_changes"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/moves/", cockpit.tier_moves, name="tier_moves"),
    path("api/", interface.api_docs, name="api_docs"),
    path("api/v1/", include("branchcrm.api_urls")),
    path("admin/", admin.site.urls),  # for superusers
]
