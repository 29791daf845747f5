"""What happened to accounts apart from trading, in the words of the counter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchcrm.demo.books import FEN, Books
from branchcrm.demo.people import People, Style
from branchcrm.demo.scale import NOT_YET, Ints

NOTES_OF = {  # kind of event → what the counter notes with it
    "open": "临柜或线上开户",
    "bank_in": "",
    "bank_out": "",
    "close_request": "客户本人申请",
    "transfer_out": "部分证券转往其他证券公司",
    "custody_transfer": "转往其他证券公司",
    "cancel_designation": "转往其他证券公司",
    "close": "结清销户",
    "reactivate": "补充身份资料后激活",
}
KINDS, NOTES = list(NOTES_OF), list(NOTES_OF.values())
OPEN, BANK_IN, BANK_OUT, CLOSE_REQUEST, TRANSFER_OUT, CUSTODY, CANCEL, CLOSE, REACTIVATE = range(len(KINDS))
REQUEST_DAYS = 3  # trading days from the request to the closing


@dataclass
class Events:
    """One value per event, ordered by day and account; `amount` in fen, 0 for none."""

    account: Ints
    day: Ints
    kind: Ints
    amount: Ints

    def __len__(self) -> int:
        return len(self.account)


def make_events(books: Books, people: People, money_in: Ints, money_out: Ints) -> Events:
    """Return the events of these accounts: opened, funded, drawn upon, left."""
    last = books.total.shape[1] - 1
    parts: list[tuple[Ints, Ints, int, Ints]] = []
    new = np.flatnonzero(books.opened_at >= 0)
    parts.append((new, books.opened_at[new], OPEN, np.zeros(len(new), np.int64)))
    moved = np.where(books.moved, money_out, 0)
    for direction, flows in ((BANK_IN, money_in), (BANK_OUT, money_out - moved), (TRANSFER_OUT, moved)):
        account, day = np.nonzero(flows)
        parts.append((account, day, direction, flows[account, day]))
    parts += _leavings(books) + _last_day(books, people, last)
    account, day = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    amount = np.concatenate([part[3] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    order = np.lexsort((kind, account, day))
    return Events(account[order], day[order], kind[order], amount[order])


def _leavings(books: Books) -> list[tuple[Ints, Ints, int, Ints]]:
    """Return requests and closings: two thirds close the account, the others move it to another broker."""
    gone = np.flatnonzero((books.left_at != NOT_YET) & (books.left_at > REQUEST_DAYS))
    at = books.left_at[gone]
    moved = gone % 3 == 0
    nothing = np.zeros(len(gone), np.int64)
    return [
        (gone[~moved], at[~moved] - REQUEST_DAYS, CLOSE_REQUEST, nothing[~moved]),
        (gone[moved], at[moved] - REQUEST_DAYS, CANCEL, nothing[moved]),
        (gone[moved], at[moved] - REQUEST_DAYS + 1, CUSTODY, nothing[moved]),
        (gone, at, CLOSE, nothing),
    ]


def _last_day(books: Books, people: People, last: int) -> list[tuple[Ints, Ints, int, Ints]]:
    """Let a few ask to leave on the last day, and a few who slept come back."""
    steady = books.funded_days()[:, last] & (books.opened_at < 0) & ~books.is_credit & (books.left_at == NOT_YET)
    medium = np.flatnonzero(steady & (books.total[:, last] > 150_000 * FEN))
    sleepers = np.flatnonzero(steady & (people.style[books.owner] == Style.IDLE) & (books.money_in[:, last] > 10))
    chosen = [(medium[60:62], CLOSE_REQUEST), (medium[70:72], CUSTODY), (medium[80:81], CANCEL), (sleepers, REACTIVATE)]
    return [(rows, np.full(len(rows), last), kind, np.zeros(len(rows), np.int64)) for rows, kind in chosen]
