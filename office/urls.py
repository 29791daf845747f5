"""Pages of the office itself: signing in, staff, calendar, audit."""

from django.urls import URLPattern

app_name = "office"

urlpatterns: list[URLPattern] = []
