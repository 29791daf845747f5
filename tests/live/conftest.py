"""One served branch for all files of this folder."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.town import Town


class Office(Town):
    """A branch served to other systems; `password` is the secret of their key."""

    FOUNDING = "tests.live.founding"

    def described(self) -> Any:
        """Return the OpenAPI description as it is served."""
        headers = {"Authorization": f"Bearer {self.password}"}
        request = urllib.request.Request(f"{self.url}/api/v1/openapi.json", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    served = Office(f"live_{os.getpid()}", place + 4, tmp_path_factory.mktemp("live"))
    served.env["CRM_FEED_DIR"] = str(served.folder / "feed")
    try:
        served.open()
        yield served
    finally:
        served.close()
