"""Finding a client by whatever somebody remembers of him."""

from django.db.models import QuerySet

from clients.models import Client, ClientStanding, SearchToken
from office.crypto import blind_index
from office.models import Employee

PHONE_DIGITS = 11
ID_LENGTHS = (15, 18)
SUGGESTIONS = 8


def matching_clients(user: Employee, text: str) -> QuerySet[Client, int]:
    """Return the ids of the branch's clients that `text` names; the caller narrows them by visible_to.

    A part of the name, full pinyin, initials, client number or the last four digits of the phone
    match by prefix; a whole phone or ID number through its blind index. Several words must all match.
    """
    ids = Client.objects.filter(branch_id=user.branch_id or 0)
    for word in text.lower().split():
        ids = ids.filter(pk__in=_by_word(user, word))
    return ids.values_list("pk", flat=True)


def _by_word(user: Employee, word: str) -> QuerySet[Client, int] | QuerySet[SearchToken, int]:
    if len(word) == PHONE_DIGITS and word.isdigit():
        by_phone = Client.objects.filter(phone_index=blind_index(word), branch_id=user.branch_id or 0)
        if by_phone.exists():
            return by_phone.values_list("pk", flat=True)
    if len(word) in ID_LENGTHS and word[:-1].isdigit():
        by_id = Client.objects.filter(id_no_index=blind_index(word), branch_id=user.branch_id or 0)
        if by_id.exists():
            return by_id.values_list("pk", flat=True)
    tokens = SearchToken.objects.filter(branch_id=user.branch_id or 0, token__startswith=word)
    return tokens.values_list("client_id", flat=True)


def suggestions(user: Employee, text: str) -> QuerySet[ClientStanding]:
    """Return the most valuable few clients of the user's that `text` names, for the search field."""
    rows = ClientStanding.objects.visible_to(user).filter(client__in=matching_clients(user, text))
    return rows.select_related("client", "manager").order_by("-value", "client_id")[:SUGGESTIONS]
