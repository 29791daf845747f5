"""docs/api.md is executed as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.live.conftest import Office

PATIENCE = 120  # seconds for all of it


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_walk_through_of_the_docs_works(office: Office, tmp_path: Path) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    assert script.count("crm ") > 10
    walked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=office.env | {"BRANCHCRM": office.url, "KEY": office.password},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert walked.returncode == 0, f"{walked.stdout[-2_000:]}\n{walked.stderr[-2_000:]}\n{office.logs()}"
    assert '"totals_agree":true' in walked.stdout
    assert '"code":"unknown_account"' in walked.stdout
    assert "郑云舟" not in walked.stdout.partition('"client_no":"880100000077"')[2]
