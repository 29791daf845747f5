"""What the tests of the roof share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.branchcrm.arena import Arena


@pytest.fixture(scope="session")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """A private server with the evening before a night."""
    made = Arena(tmp_path_factory.mktemp("arena"))
    try:
        assert made.line() == "ready", made.log.read_text(encoding="utf-8")[-2_000:]
        yield made
    finally:
        made.close()
