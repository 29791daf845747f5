"""The address of the OpenAPI description."""

from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.permissions import IsAuthenticated

from office.api.authentication import KeyAuthentication, PersonAuthentication
from office.api.throttles import PerCaller


class Description(SpectacularJSONAPIView):
    """The description itself, for whoever may call at all."""

    authentication_classes = [KeyAuthentication, PersonAuthentication]
    permission_classes = [IsAuthenticated]
    throttle_classes = [PerCaller]
