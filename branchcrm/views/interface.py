"""The description of the REST interface, for those who write the other side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from office.http import Request


@require_GET
def api_docs(request: Request) -> HttpResponse:
    return render(request, "branchcrm/api_docs.html")
