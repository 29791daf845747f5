"""Every address of the REST interface, an app a paragraph."""

from django.urls import path

from clients.api import ClientList
from office.api.openapi import Description
from office.api.views import NothingHere
from segmentation.api import ScoreList
from service_logs.api import TaskList

app_name = "api"

urlpatterns = [
    # What is known
    path("clients/", ClientList.as_view(), name="client_list"),
    path("scores/", ScoreList.as_view(), name="score_list"),
    path("tasks/", TaskList.as_view(), name="task_list"),
    # Anything else
    path("openapi.json", Description.as_view(), name="description"),
    path("<path:rest>", NothingHere.as_view(), name="nothing"),
]
