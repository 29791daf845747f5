"""What the settings promise whoever runs more than one branchcrm."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def _prefix(database_url: str) -> str:
    """Return the prefix under which an instance with that database remembers things."""
    code = "from branchcrm import settings; print(settings.CACHES['default']['KEY_PREFIX'])"
    environment = os.environ | {"DATABASE_URL": database_url}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_two_instances_on_one_valkey_do_not_read_what_the_other_remembers() -> None:
    ours = urlsplit(os.environ["DATABASE_URL"])
    prefixes = {_prefix(urlunsplit(ours._replace(path=f"/{name}"))) for name in ("east", "west")}
    assert len(prefixes) == 2
