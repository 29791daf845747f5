"""One served branch for all files of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser.town import Town


class Office(Town):
    """A branch served to other systems; `password` is the secret of their key."""

    FOUNDING = "tests.live.founding"


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
