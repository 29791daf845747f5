"""Every address of the office, an app a line."""

from django.contrib import admin
from django.urls import include, path

from branchcrm.views import cockpit
from service_logs.views.today import today

urlpatterns = [
    path("", today, name="today"),
    path("", include("office.urls")),
    path("clients/", include("clients.urls")),
    path("value/", include("segmentation.urls")),
    path("service/", include("service_logs.urls")),
    # Across the apps
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/moves/", cockpit.tier_moves, name="tier_moves"),
    path("admin/", admin.site.urls),  # for superusers
]
