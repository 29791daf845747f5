"""What docs/feed.md promises about columns is what the import knows."""

from pathlib import Path

from django.conf import settings

from clients.feed.describe import described
from clients.feed.layouts import LAYOUTS


def test_the_page_lists_every_column_as_the_import_knows_it() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "feed.md").read_text(encoding="utf-8")
    assert page.endswith(described()), "rewrite the tables of docs/feed.md from clients.feed.describe.described()"
    assert all(f"`{column.name}`" in page for layout in LAYOUTS for column in layout.columns)
