"""Repeats of one matter are joined to the earlier complaint, and the joining can be undone."""

from __future__ import annotations

import pytest

from complaints import operations
from complaints.errors import NamedInComplaint, NotMergeable
from complaints.models import Complaint
from complaints.queries import figures, lists
from tests.complaints.making import MORNING, at, complain, walked
from tests.conftest import TODAY, Cast, make_client

pytestmark = pytest.mark.usefixtures("calendar")
LATER = at("2026-08-24T14:00")


def pair(cast: Cast, **fields: object) -> tuple[Complaint, Complaint]:
    return complain(cast), complain(cast, now=LATER, **fields)


def joined(cast: Cast, main: Complaint, repeat: Complaint) -> Complaint:
    return operations.merge(repeat, main, reason="同一事项", by=cast.chen, now=LATER)


def test_the_list_behind_a_figure_leaves_repeats_out_as_the_figure_does(cast: Cast) -> None:
    main, repeat = pair(cast)
    joined(cast, main, repeat)
    counted = figures.by_category(cast.zhao, TODAY, TODAY)[main.category]
    wanted = {"category": main.category, "since": TODAY, "until": TODAY}
    assert set(lists.complaint_list(cast.zhao, wanted, LATER)) == {main, repeat}
    assert [one.pk for one in lists.complaint_list(cast.zhao, {**wanted, "once": True}, LATER)] == [main.pk]
    assert counted == 1


def test_a_repeat_counts_no_more_and_its_clocks_stop(cast: Cast) -> None:
    main, repeat = pair(cast)
    repeat = joined(cast, main, repeat)
    assert repeat.merged_into == main
    assert repeat.due_at is None
    assert not repeat.clocks.filter(stopped_at=None).exists()
    assert lists.counts(cast.zhao, LATER).open == 1
    assert sum(figures.by_category(cast.zhao, TODAY, TODAY).values()) == 1
    with pytest.raises(NotMergeable):
        operations.start_investigation(repeat, by=cast.chen)


def test_undone_it_stands_by_itself_with_its_clocks_as_they_were(cast: Cast) -> None:
    main, repeat = pair(cast)
    before = list(repeat.clocks.order_by("pk").values("step", "due_at", "stopped_at"))
    repeat = joined(cast, main, repeat)
    repeat = operations.unmerge(repeat, reason="不是同一事项", by=cast.chen, now=LATER)
    assert list(repeat.clocks.order_by("pk").values("step", "due_at", "stopped_at")) == before
    assert repeat.merged_into is None
    assert repeat.due_at is not None
    with pytest.raises(NotMergeable):
        operations.unmerge(repeat, reason="再次", by=cast.chen)


def test_who_is_named_in_one_sees_neither_until_it_is_undone(cast: Cast) -> None:
    main, repeat = pair(cast, parties=[cast.li])
    assert Complaint.objects.visible_to(cast.li).get() == main
    repeat = joined(cast, main, repeat)
    assert not Complaint.objects.visible_to(cast.li).exists()
    repeat = operations.unmerge(repeat, reason="不是同一事项", by=cast.chen)
    assert Complaint.objects.visible_to(cast.li).get() == main


def test_handling_passes_on_when_the_repeat_names_the_handler(cast: Cast) -> None:
    main, repeat = pair(cast, parties=[cast.chen])
    with pytest.raises(NamedInComplaint):
        joined(cast, main, repeat)
    operations.merge(repeat, main, reason="同一事项", by=cast.zhao, now=LATER)
    main.refresh_from_db()
    assert main.handler == cast.zhao


def test_who_is_named_later_is_named_in_all_that_are_joined(cast: Cast) -> None:
    main, repeat = pair(cast)
    joined(cast, main, repeat)
    main.refresh_from_db()
    operations.add_party(main, cast.li, by=cast.chen)
    assert not Complaint.objects.visible_to(cast.li).exists()


def test_a_transferred_repeat_keeps_its_deadline_in_the_main_one(cast: Cast) -> None:
    main, repeat = pair(cast, channel="hotline_12386", transfer_no="ZB-7")
    repeat = joined(cast, main, repeat)
    assert main.clocks.get(step="transfer").due_at == at("2026-09-14T17:00")
    operations.unmerge(repeat, reason="不是同一事项", by=cast.chen)
    assert main.clocks.get(step="transfer").stopped_at is not None


def test_only_repeats_of_one_matter_are_joined_into_the_earlier(cast: Cast) -> None:
    main, repeat = pair(cast)
    other = complain(cast, client=make_client(cast.branch, "880100000002", name="郑云"), now=LATER)
    closed = walked(cast, "closed", complaint=complain(cast, received_at=at("2026-08-20T10:00")))
    for one, into in ((main, main), (main, repeat), (other, main), (repeat, closed), (closed, main)):
        with pytest.raises(Exception, match=r"并|结案") as refused:
            operations.merge(one, into, reason="同一事项", by=cast.chen, now=MORNING)
        assert getattr(refused.value, "status", None) == 409
    joined(cast, main, repeat)
    third = complain(cast, now=at("2026-08-24T15:00"))
    with pytest.raises(NotMergeable):
        operations.merge(third, repeat, reason="同一事项", by=cast.chen)
    main.refresh_from_db()
    earliest = complain(cast, received_at=at("2026-08-20T10:00"))
    with pytest.raises(NotMergeable):
        operations.merge(main, earliest, reason="同一事项", by=cast.chen)
