"""The few files of npm packages that pages load, served under static/vendor/.

An allow-list: whole dist folders hold files that point at others they do not ship, which the
manifest storage refuses.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/tabler.min.js.map": "@tabler/core/dist/js/tabler.min.js.map",
    "vendor/echarts.min.js": "echarts/dist/echarts.min.js",
}


class VendorStorage(FileSystemStorage):
    """Reads `vendor/…` names from the packages they stand for."""

    def path(self, name: str) -> str:
        return super().path(FILES[name.replace("\\", "/")])


class VendorFinder(BaseFinder):
    """Finds the names of FILES and no other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = VendorStorage(Path(settings.BASE_DIR) / "node_modules")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = path in FILES and self.storage.exists(path)
        full = self.storage.path(path) if found else None
        return ([full] if full else []) if find_all or kwargs.get("all") else full

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        return ((name, self.storage) for name in FILES)
