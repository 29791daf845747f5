"""Every address of the REST interface, an app a paragraph."""

from django.urls import path

from clients.api.events import Events
from clients.api.feeds import FeedClose, FeedDetail, FeedList, FeedParts, FeedQuarantine
from clients.api.listing import ClientList
from office.api.openapi import Description
from office.api.views import NothingHere
from segmentation.api import ScoreList
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
    # Anything else
    path("openapi.json", Description.as_view(), name="description"),
    path("<path:rest>", NothingHere.as_view(), name="nothing"),
]
