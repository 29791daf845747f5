"""A real browser on a small town, founded once for the files of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.town import Town, chromium
from tests.browser.visit import PATIENCE_MS, Street

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture(scope="package")
def _street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (scripts/browser installs it where it may)")
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    town = Town(f"town_{os.getpid()}", place, tmp_path_factory.mktemp("town"))
    expect.set_options(timeout=PATIENCE_MS)
    try:
        town.open()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
            yield Street(town, browser)
            browser.close()
    finally:
        town.close()


@pytest.fixture
def street(_street: Street) -> Iterator[Street]:
    """The windows of one test: closed after it, and none of them may have complained."""
    yield _street
    _street.leave()
