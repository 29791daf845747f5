"""What an employee does to the views saved above a list."""

from django.db import IntegrityError, transaction

from office.errors import DomainError
from office.models import Employee, SavedView

MOST_VIEWS = 20  # per person and page; more do not fit above a list


class ViewNameTaken(DomainError):
    """A name stands for one view of a person's page."""


class TooManyViews(DomainError):
    """A page shows at most 20 saved views."""


@transaction.atomic
def save_view(employee: Employee, page: str, name: str, query: str) -> SavedView:
    """Keep the query string of a list (without "?") under a name; the same name is overwritten.

    `page` is the url name of the list. Raises TooManyViews beyond 20 per page.
    """
    mine = SavedView.objects.filter(employee=employee, page=page)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
        raise TooManyViews(f"每个页面最多保存 {MOST_VIEWS} 个视图，请先删除不用的")
    view, _ = SavedView.objects.update_or_create(employee=employee, page=page, name=name, defaults={"query": query})
    return view


@transaction.atomic
def rename_view(view: SavedView, name: str) -> None:
    """Give a view another name. Raises ViewNameTaken if the page has one of that name."""
    view.name = name
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        raise ViewNameTaken(f"已有名为「{name}」的视图") from None


def delete_view(view: SavedView) -> None:
    """Remove a saved view."""
    view.delete()
