"""The whole description is tried on the served office, last, for it leaves traces: no failure, no untold answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.live.conftest import Office

PATIENCE = 150  # seconds
# 414 is the web server's own refusal of an address that violates the description by its length.
CONFIG = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429]
"""
# What follows the description may still be against a rule: refused as described, not accepted.
TRIAL = (
    "--generation-deterministic --max-examples 15 --phases examples,coverage,fuzzing,stateful --no-color"
    " --checks all --exclude-checks positive_data_acceptance --warnings off"
)


def test_the_whole_description_holds(office: Office, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"]
    tried = subprocess.run(
        [
            *program,
            f"{office.url}/api/v1/openapi.json",
            "-H",
            f"Authorization: Bearer {office.password}",
            *TRIAL.split(),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert tried.returncode == 0, f"{tried.stdout[-6_000:]}\n{tried.stderr[-2_000:]}\n{office.logs()}"
