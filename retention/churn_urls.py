"""Pages of churn, below /retention/: the list, one client's panel, the back-test, the versions of the points."""

from django.urls import path

from retention.views import churn, points

urlpatterns = [
    path("", churn.churn_list, name="list"),
    path("export/", churn.churn_export, name="export"),
    path("clients/<int:pk>/panel/", churn.client_panel, name="client_panel"),
    path("backtest/", churn.backtest, name="backtest"),
    path("points/", points.points_list, name="points"),
    path("points/new/", points.points_new, name="points_new"),
    path("points/<int:pk>/", points.points_detail, name="points_detail"),
    path("points/<int:pk>/effects/", points.points_effects, name="points_effects"),
    path("points/<int:pk>/approve/", points.points_approve, name="points_approve"),
    path("points/<int:pk>/reject/", points.points_reject, name="points_reject"),
]
