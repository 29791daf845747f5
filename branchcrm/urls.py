"""Every address of the office, an app a line."""

from django.urls import include, path

urlpatterns = [
    path("", include("office.urls")),
]
