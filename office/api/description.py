"""What the OpenAPI description says of every operation alike: the answers that are no success, and the headers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from office.api.idempotency import HEADER, LONGEST

ERRORS = {
    "400": "内容读不懂",
    "401": "没有密钥，或密钥无效",
    "403": "没有办理此事的权限",
    "404": "没有找到，或不在范围内",
    "405": "这个地址没有这种方法",
    "409": "业务规则不允许，message 说明原因",
    "413": "内容过大",
    "415": "内容类型不受支持",
    "422": "内容有误，extra 逐项说明",
    "429": "调用过于频繁，Retry-After 说明多少秒后再试",
}
ALWAYS = ("401", "403", "404", "405", "422", "429")
WITH_BODY = ("400", "409", "413", "415")
TOO_LONG = {"description": "地址过长", "content": {"text/html": {"schema": {"type": "string"}}}}  # of the web server
ERROR = {
    "type": "object",
    "required": ["message", "extra"],
    "properties": {
        "message": {"type": "string", "description": "给人看的一句话"},
        "extra": {"type": "object", "additionalProperties": {}, "description": "细节，按字段"},
    },
}


class HouseSchema(AutoSchema):
    """Describes a view as `ApiView` behaves, in Chinese: docstrings are for those who read the code."""

    def get_summary(self) -> Any:
        """Return what the method does, as the view `says`."""
        return getattr(self.view, "says", {}).get(self.method)

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular asks without arguments
        """Say no more than the summary."""
        return ""

    def get_override_parameters(self) -> list[Any]:
        """Add the headers of the method: what makes a write happen once, what spares a known answer."""
        handler = getattr(self.view, self.method.lower(), None)
        if getattr(handler, "is_once", False):
            header = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[!-~]+$"}
            text = "每件事一个；同一个键再发一次，得到同一个回答"
            return [OpenApiParameter(HEADER, header, OpenApiParameter.HEADER, required=True, description=text)]
        if self.method == "GET":
            text = "上次回答的 ETag；没有变化时回答 304"
            return [OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description=text)]
        return []


def add_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add to every operation what else it may answer; a hook after drf-spectacular's own work."""
    schemas = result["components"].setdefault("schemas", {})
    for schema in schemas.values():  # the docstrings of serializers are for those who read the code
        schema.pop("description", None)
    schemas["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            answers = operation["responses"]
            for status in (*ALWAYS, *(() if method == "get" else WITH_BODY)):
                answers.setdefault(status, {"description": ERRORS[status], "content": content})
            if method == "get":
                answers.setdefault("304", {"description": "没有变化"})
                answers.setdefault("414", TOO_LONG)
            operation["responses"] = dict(sorted(answers.items()))
            for parameter in operation.get("parameters", []):  # a title would name types of generated clients
                title = parameter["schema"].pop("title", "")
                parameter.setdefault("description", title)
    return result
