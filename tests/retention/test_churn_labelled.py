"""The score on the labelled population beside the project: the table's sums, from facts before the labels' period."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from clients.models import Client
from office.models import Branch
from retention.models import ChurnRun
from retention.operations.labelled import Judged, NoLabels, judge

FEED = Path(settings.BASE_DIR).parent / "shared" / "feed"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("calendar"),
    pytest.mark.skipif(not FEED.is_dir(), reason="the shared feed does not lie beside this clone"),
]


def test_every_labelled_client_is_judged_once_and_nothing_of_it_stays() -> None:
    judged: Judged = judge(FEED)
    assert (judged.branch, judged.as_of) == ("8803", date(2025, 8, 20))
    assert (judged.at_date.clients, judged.at_date.left) == (304, 31)
    assert judged.history[1] < judged.as_of
    assert 0 < judged.at_peak.clients <= 304
    for table in (judged.at_date, judged.at_peak):
        assert sum(line.clients for line in table.lines) == table.clients
        assert sum(line.left for line in table.lines) == table.left
        assert all((line.lift is None) == (line.clients == 0) for line in table.lines)
    assert {sign.code for sign in judged.never_found}.isdisjoint(judged.found)
    assert [model.objects.count() for model in (Branch, Client, ChurnRun)] == [0, 0, 0]


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoLabels):
        judge(tmp_path)
    with pytest.raises(CommandError, match="churn_labels"):
        call_command("churn", "backtest", "--feed", str(tmp_path), stdout=StringIO())
