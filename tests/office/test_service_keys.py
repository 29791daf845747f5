"""Keys of other systems: made, told once, changed without a gap, closed at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from clients.models import Client
from office.models import ApiCall, AuditEntry, Scope, ServiceKey
from office.operations.keys import KeyEnded, KeyTooWide, KeyWish, make_key, note_use, revoke_key, rotate_key
from office.queries.keys import key_list, key_of_token
from office.rights import Reach, reach
from tests.conftest import Cast, make_client
from tests.keys import make_service_key


def test_the_secret_is_told_once_and_kept_nowhere(cast: Cast) -> None:
    key, secret = make_service_key(cast.zhao)
    assert secret.startswith(f"bcrm_{key.prefix}_")
    assert len(secret) > 55  # 256 random bits
    assert secret not in str(ServiceKey.objects.values().get(pk=key.pk))
    assert secret not in str(list(AuditEntry.objects.values()))
    assert key_of_token(secret, timezone.now()) == key


@pytest.mark.parametrize("token", ["", "bcrm", "bcrm_00000000_x", "a_b_c_d"])
def test_another_token_opens_nothing(cast: Cast, token: str) -> None:
    make_service_key(cast.zhao)
    assert key_of_token(token, timezone.now()) is None


def test_a_prefix_without_its_secret_opens_nothing(cast: Cast) -> None:
    key, _ = make_service_key(cast.zhao)
    assert key_of_token(f"bcrm_{key.prefix}_guessed", timezone.now()) is None


def test_a_key_ends_on_its_day(cast: Cast) -> None:
    key, secret = make_service_key(cast.zhao)
    assert key_of_token(secret, key.expires_at - timedelta(seconds=1)) == key
    assert key_of_token(secret, key.expires_at) is None


def test_a_new_secret_leaves_the_old_one_a_day(cast: Cast) -> None:
    key, old = make_service_key(cast.zhao)
    new = rotate_key(key, by=cast.zhao)
    now = timezone.now()
    assert key_of_token(new, now) == key == key_of_token(old, now)
    assert key_of_token(old, now + timedelta(hours=24)) is None
    assert key_of_token(new, now + timedelta(hours=24)) == key


def test_a_revoked_key_is_closed_at_once_and_for_good(cast: Cast) -> None:
    key, secret = make_service_key(cast.zhao)
    revoke_key(key, "合同终止", by=cast.qian)
    assert key_of_token(secret, timezone.now()) is None
    with pytest.raises(KeyEnded):
        revoke_key(key, "合同终止", by=cast.qian)
    with pytest.raises(KeyEnded):
        rotate_key(key, by=cast.zhao)
    entry = AuditEntry.objects.get(action="office.key_revoked")
    assert (entry.actor, entry.reason, entry.branch) == (cast.qian, "合同终止", cast.branch)


def test_nobody_makes_a_key_wider_than_he_is(cast: Cast) -> None:
    soon = timezone.now() + timedelta(days=30)
    with pytest.raises(KeyTooWide):
        make_key(KeyWish("x", ["clients.read"], [cast.other_branch], soon), by=cast.zhao)
    with pytest.raises(KeyTooWide):
        make_key(KeyWish("x", ["clients.write"], [cast.branch], soon), by=cast.zhao)
    with pytest.raises(KeyTooWide):
        make_key(KeyWish("x", ["clients.read"], [cast.branch], soon + timedelta(days=400)), by=cast.zhao)


def test_a_key_sees_the_clients_of_its_branches_through_the_scope_of_people(cast: Cast) -> None:
    other = make_client(cast.other_branch, "880200000001")
    key, _ = make_service_key(cast.zhao)
    assert set(Client.objects.visible_to(key)) == {cast.wu}
    assert reach(key) == Reach.BRANCH
    key.branches.add(cast.other_branch)
    both = ServiceKey.objects.get(pk=key.pk)
    assert set(Client.objects.visible_to(both)) == {cast.wu, other}
    revoke_key(both, "停用", by=cast.zhao)
    assert not Client.objects.visible_to(ServiceKey.objects.get(pk=key.pk)).exists()


def test_a_key_for_no_branch_sees_nothing(cast: Cast) -> None:
    key, _ = make_service_key(cast.zhao, Scope.CLIENTS_READ)
    key.branches.clear()
    assert not Client.objects.visible_to(ServiceKey.objects.get(pk=key.pk)).exists()


def test_the_last_use_is_written_once_a_minute(cast: Cast) -> None:
    key, _ = make_service_key(cast.zhao)
    now = timezone.now()
    for seconds in (0, 10, 59):
        note_use(ServiceKey.objects.get(pk=key.pk), now + timedelta(seconds=seconds))
        assert ServiceKey.objects.get(pk=key.pk).last_used_at == now
    note_use(ServiceKey.objects.get(pk=key.pk), now + timedelta(seconds=61))
    assert ServiceKey.objects.get(pk=key.pk).last_used_at == now + timedelta(seconds=61)


def test_keys_are_listed_to_the_branch_they_are_good_for(cast: Cast) -> None:
    key, _ = make_service_key(cast.zhao)
    assert list(key_list(cast.zhao)) == [key]
    assert list(key_list(cast.sun)) == []


def test_the_book_of_calls_can_only_be_added_to(cast: Cast) -> None:
    call = ApiCall.objects.create(method="GET", route="api:client_list", status=200, milliseconds=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiCall.objects.filter(pk=call.pk).update(status=500)
    with pytest.raises(DatabaseError), transaction.atomic():
        call.delete()
