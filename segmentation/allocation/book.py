"""The clients and managers of one branch as arrays: what every plan is computed from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segmentation.fit import Bools, ClientTraits, Floats, demand, experience, fit, history, skill_match

Ints = npt.NDArray[np.int64]

NOBODY = -1  # the column of a client without a manager

# Minutes of service a client needs a week (nightly.md §5.3: weekly call, monthly message).
WEEKLY_MINUTES = {"vip": 8.0, "active": 6.0, "ordinary": 1.0, "potential": 0.5}
CORE_VIP_MINUTES = 15.0


@dataclass(frozen=True)
class Managers:
    """One value per manager, in the order of the columns of every matrix."""

    ids: Ints
    capacity_minutes: Floats  # a week, after the reserve
    max_clients: Ints
    levels: Floats  # managers × skills, 0 to 5
    is_adviser: Bools  # registered investment adviser, valid on the day
    can_take: Bools  # may be given clients (office.eligibility)
    can_keep: Bools  # may go on serving those he has; False: everything he owns must move


@dataclass(frozen=True)
class Book:
    """One value per client, in the order of the rows of every matrix."""

    ids: Ints
    client_no: npt.NDArray[np.str_]
    current: Ints  # column of the present manager, NOBODY without one
    is_interim: Bools  # served by an interim owner only
    traits: ClientTraits
    value: Floats  # 0 to 100
    is_core: Bools
    is_frozen: Bools  # not to be moved by choice
    is_neglected: Bools
    days_since_change: Floats  # calendar days since the manager last changed; inf: never
    reached: Floats  # clients × managers, contacts reached in the last 12 months
    refused: Bools  # clients × managers: the client does not want this manager
    suggested: Floats | None = None  # clients × managers, points of the manager's own suggestion; NaN: none


def weekly_minutes(grade: npt.NDArray[np.str_], is_core: Bools) -> Floats:
    """Return the minutes of service each client needs a week, by grade; a core VIP needs 15."""
    minutes = np.full(len(grade), WEEKLY_MINUTES["potential"])
    for name, each in WEEKLY_MINUTES.items():
        minutes[grade == name] = each
    minutes[(grade == "vip") & is_core] = CORE_VIP_MINUTES
    return minutes


def fit_matrix(book: Book, managers: Managers, skills: list[str]) -> Floats:
    """Return the fit of every client with every manager, 0 to 100; NaN where a hard rule forbids the pair.

    Being the present manager counts for nothing with a client he has neglected (ALC-07).
    Hard: the manager may not take clients (unless he has this one and may keep it), the client
    refused him, or the client is a diamond and the manager no registered adviser while some are.
    """
    held = np.arange(len(managers.ids)) == book.current[:, None]
    kind = _kind_of_client(book.traits)
    own = np.zeros((len(managers.ids), int(kind.max(initial=0)) + 1))
    owned = book.current >= 0
    np.add.at(own, (book.current[owned], kind[owned]), 1.0)
    points = fit(
        skill_match(demand(book.traits, skills), managers.levels),
        experience(kind, own),
        history(book.reached, held & ~book.is_neglected[:, None]),
        book.suggested,
    )
    points[~_allowed(book, managers, held)] = np.nan
    return points


def _allowed(book: Book, managers: Managers, held: Bools) -> Bools:
    allowed = np.where(held, managers.can_keep, managers.can_take) & ~book.refused
    if (managers.is_adviser & managers.can_take).any():  # advice-type service (nightly.md §5.2)
        needs_adviser = (book.traits.tier == "diamond")[:, None] & ~held
        allowed &= ~needs_adviser | managers.is_adviser
    return np.asarray(allowed)


def _kind_of_client(traits: ClientTraits) -> Ints:
    """Number each client's pair of value type and grade, the "kind" in which a manager gains experience."""
    pairs = np.char.add(np.char.add(traits.value_type, "/"), traits.grade)
    return np.unique(pairs, return_inverse=True)[1].astype(np.int64)
