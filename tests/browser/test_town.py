"""The town of the browser tests and the rest of the suite do not get into each other's way.

This file also makes a run of tests/browser alone set up its database: pytest-django prepares one only
where some collected test asks for it.
"""

from office.models import Branch


def test_the_town_leaves_nothing_behind(db: None) -> None:
    assert not Branch.objects.exists()
