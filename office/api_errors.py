"""The one shape in which the API says what went wrong: `{"message": …, "extra": {…}}`."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from office.errors import DomainError


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error of the API as `{"message": …, "extra": {…}}`."""
    if isinstance(error, DomainError):
        return Response({"message": error.message, "extra": error.extra}, status=error.status)
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(error.messages)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.status_code = 422  # as the forms of the pages answer; 400 is what cannot be read at all
    response.data = {"message": _message(error), "extra": _extra(response.data)}
    return response


def _message(error: Exception) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "提交的内容有误，请按提示修改"
    if isinstance(error, Http404 | exceptions.NotFound):
        return "没有找到，或不在您的权限范围内"
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return "您没有办理此事的权限"
    return str(getattr(error, "detail", error))


def _extra(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key != "detail"}
    return {"errors": data}
