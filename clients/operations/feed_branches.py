"""Branches that a delivery names and the house does not know yet."""

import re

from django.db import transaction

from clients.feed.files import Taken, pieces
from clients.feed.headers import Header
from clients.feed.lines import split
from clients.feed.manifest import Manifest
from office.audit import record
from office.models import Branch

CODE = re.compile(r"[A-Za-z0-9]{1,8}")


@transaction.atomic
def register_branches(manifest: Manifest, clients: list[tuple[Taken, Header]]) -> list[str]:
    """Make the branches that the manifest's control totals, else the client files, name; return the new codes."""
    named = set(manifest.totals) or _named_by(clients)
    present = set(Branch.objects.values_list("code", flat=True))
    made = sorted(code for code in named - present if CODE.fullmatch(code))
    for code in made:
        branch = Branch.objects.create(code=code, name=f"{code} 营业部")
        record("office.branch_created", branch, by=None, after={"code": code}, branch_id=branch.pk)
    return made


def _named_by(clients: list[tuple[Taken, Header]]) -> set[str]:
    found: set[str] = set()
    for taken, header in clients:
        for piece in pieces(taken):
            block, _, _ = split(piece, header.width)
            found |= {raw.decode("ascii", "replace") for raw in block.field(header.places["branch_no"]).raw()}
    return found
