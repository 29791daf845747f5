"""Pages of requests to leave: the desk, the clock, one request, what compliance reads."""

from django.urls import include, path

from retention.views import desk, request_acts, request_reports, requests

one_request = [
    path("", requests.request_detail, name="request_detail"),
    path("registered/", desk.request_registered, name="request_registered"),
    path("slip/", desk.request_slip, name="request_slip"),
    path("hold/", request_acts.request_hold, name="request_hold"),
    path("free/", request_acts.request_free, name="request_free"),
    path("complete/", request_acts.request_complete, name="request_complete"),
    path("withdraw/", request_acts.request_withdraw, name="request_withdraw"),
]

urlpatterns = [
    # /retention/desk/: who stands here, and his request
    path("desk/", desk.desk, name="desk"),
    path("desk/<int:pk>/", desk.desk_client, name="desk_client"),
    # /retention/clock/: what is owed by when
    path("clock/", requests.clock_board, name="clock_board"),
    path("clock/panel/", requests.clock_panel, name="clock_panel"),
    # /retention/requests/: all requests, and one
    path("requests/", requests.list_requests, name="request_list"),
    path("requests/export/", request_reports.request_export, name="request_export"),
    path("requests/<int:pk>/", include(one_request)),
    path("clients/<int:pk>/requests/", requests.client_requests, name="client_requests"),
    # /retention/breaches/: for compliance
    path("breaches/", request_reports.breach_list, name="breach_list"),
    path("breaches/export/", request_reports.breach_export, name="breach_export"),
    path("process/", request_reports.process_report, name="process_report"),
]
