"""Pages of value: ranking, grid, tables, core group, weights, and what they say of one client."""

from django.urls import include, path

from segmentation import plan_urls
from segmentation.views import client_value, core, grid, override, ranking, reports, tryout, versions, weights

app_name = "segmentation"

one_version = [
    path("", versions.weights_detail, name="weights_detail"),
    path("effects/", versions.weights_effects, name="weights_effects"),
    path("submit/", versions.weights_submit, name="weights_submit"),
    path("approve/", versions.weights_approve, name="weights_approve"),
    path("reject/", versions.weights_reject, name="weights_reject"),
]

one_client = [
    path("", client_value.client_value, name="client_value"),
    path("panel/", client_value.client_panel, name="client_panel"),
    path("history/", client_value.client_history, name="client_history"),
    path("tier/", override.tier_override, name="tier_override"),
    path("tier/end/", override.tier_override_end, name="tier_override_end"),
]

urlpatterns = [
    # /value/: the ranking
    path("", ranking.ranking, name="ranking"),
    path("export/", ranking.ranking_export, name="ranking_export"),
    # /value/grid/, /value/tables/tier/: the grid and the classification tables
    path("grid/", grid.grid_page, name="grid"),
    path("tables/<slug:table>/", reports.report, name="report"),
    path("tables/<slug:table>/export/", reports.report_export, name="report_export"),
    # /value/core/: the core group
    path("core/", core.core_page, name="core"),
    path("core/export/", core.core_export, name="core_export"),
    # /value/weights/: try-out, versions
    path("weights/", weights.weights_page, name="weights"),
    path("weights/try/", tryout.weights_try, name="weights_try"),
    path("weights/propose/", tryout.weights_propose, name="weights_propose"),
    path("weights/versions/", versions.weights_list, name="weights_list"),
    path("weights/<int:pk>/", include(one_version)),
    # /value/clients/42/: one client
    path("clients/<int:pk>/", include(one_client)),
    # /value/plans/, /value/matrix/: allocation
    *plan_urls.urlpatterns,
]
