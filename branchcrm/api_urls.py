"""Every address of the REST interface, an app a paragraph."""

from django.urls import path

from clients.api.events import Events
from clients.api.feeds import FeedClose, FeedDetail, FeedList, FeedParts, FeedQuarantine
from clients.api.listing import ClientList
from complaints.api import ComplaintDetail, ComplaintList
from office.api.openapi import Description
from office.api.views import NothingHere
from retention.api import CounterClient, CounterRequest, CounterRequests, RequestList
from segmentation.api import ManagerChanges, ScoreList
from service_logs.api import TaskList

app_name = "api"

urlpatterns = [
    # What the counter sends
    path("feeds/", FeedList.as_view(), name="feed_list"),
    path("feeds/<int:pk>/", FeedDetail.as_view(), name="feed_detail"),
    path("feeds/<int:pk>/parts/<str:kind>/<int:number>/", FeedParts.as_view(), name="feed_part"),
    path("feeds/<int:pk>/close/", FeedClose.as_view(), name="feed_close"),
    path("feeds/<int:pk>/quarantine/", FeedQuarantine.as_view(), name="feed_quarantine"),
    path("events/", Events.as_view(), name="event_list"),
    # What is known
    path("clients/", ClientList.as_view(), name="client_list"),
    path("scores/", ScoreList.as_view(), name="score_list"),
    path("tasks/", TaskList.as_view(), name="task_list"),
    path("complaints/", ComplaintList.as_view(), name="complaint_list"),
    path("complaints/<str:no>/", ComplaintDetail.as_view(), name="complaint_detail"),
    path("closure-requests/", RequestList.as_view(), name="request_list"),
    # What the counter asks and registers while the client stands there
    path("counter/clients/<str:client_no>/", CounterClient.as_view(), name="counter_client"),
    path("counter/closure-requests/", CounterRequests.as_view(), name="counter_requests"),
    path("counter/closure-requests/<int:pk>/", CounterRequest.as_view(), name="counter_request"),
    path("counter/manager-change-requests/", ManagerChanges.as_view(), name="counter_changes"),
    # Anything else
    path("openapi.json", Description.as_view(), name="description"),
    path("<path:rest>", NothingHere.as_view(), name="nothing"),
]
