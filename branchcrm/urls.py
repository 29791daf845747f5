"""Every address of the office, an app a line."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("office.urls")),
    path("clients/", include("clients.urls")),
    path("admin/", admin.site.urls),  # for superusers
]
