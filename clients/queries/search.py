"""Finding a client by whatever somebody remembers of him."""

from django.db.models import QuerySet

from clients.models import Client, ClientStanding, SearchToken
from clients.search import LONGEST
from office.crypto import blind_index
from office.models import Employee

PHONE_DIGITS = 11
ID_LENGTHS = (15, 18)
SUGGESTIONS = 8
WORDS = 5  # of a search that count; each is one more look into the index

Ids = QuerySet[Client, int] | QuerySet[SearchToken, int]


def matching_clients(user: Employee, text: str) -> Ids:
    """Return the ids of the branch's clients that `text` names; the caller narrows them by visible_to.

    A part of the name, full pinyin, initials, client number or the last four digits of the phone
    match by prefix; a whole phone or ID number through its blind index. Several words must all match.
    A single word is one look into the index of tokens and joins nothing.
    """
    found: Ids | None = None
    for word in text.replace("\x00", " ").casefold().split()[:WORDS]:
        ids = _by_word(user, word)
        if found is not None:
            ids = ids.filter(**{f"{_id_of(ids)}__in": found})
        found = ids
    if found is None:
        return Client.objects.filter(branch_id=user.branch_id or 0).values_list("pk", flat=True)
    return found


def _by_word(user: Employee, word: str) -> Ids:
    clients = Client.objects.filter(branch_id=user.branch_id or 0).values_list("pk", flat=True)
    if len(word) == PHONE_DIGITS and word.isdigit():
        by_phone = clients.filter(phone_index=blind_index(word))
        if by_phone.exists():
            return by_phone
    if len(word) in ID_LENGTHS and word[:-1].isdigit():
        by_id = clients.filter(id_no_index=blind_index(word))
        if by_id.exists():
            return by_id
    tokens = SearchToken.objects.filter(branch_id=user.branch_id or 0, token__startswith=word[:LONGEST])
    return tokens.values_list("client_id", flat=True)


def _id_of(ids: Ids) -> str:
    return "pk" if ids.model is Client else "client_id"


def suggestions(user: Employee, text: str) -> QuerySet[ClientStanding]:
    """Return the most valuable few clients of the user's that `text` names, for the search field."""
    rows = ClientStanding.objects.visible_to(user).filter(client__in=matching_clients(user, text))
    shown = rows.select_related("client", "manager").only(
        "tier", "value", "client__name", "client__client_no", "manager__name"
    )
    return shown.order_by("-value", "client_id")[:SUGGESTIONS]
