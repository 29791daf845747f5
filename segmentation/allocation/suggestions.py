"""What managers themselves suggest (自我建议, MGR-03), in points of the fit: kinds that suit them, clients by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentation.fit import Bools, ClientTraits, Floats, traits

SUITS, GIVES_UP = 100.0, 0.0  # points of a pair; who said nothing of a client has none, and nothing changes

# The kinds a manager may name: code → words. The first word says which fact of the client decides.
KINDS = {
    "type:commission": "佣金贡献型",
    "type:product": "产品购买型",
    "type:asset": "资产维持型",
    "tier:general": "普通等级",
    "tier:silver": "银卡",
    "tier:gold": "金卡",
    "tier:platinum": "白金",
    "tier:diamond": "钻石",
    "style:trading": "交易型",
    "style:gentle": "稳健或年长",
    "style:institution": "机构",
    "style:margin": "两融",
    "style:newcomer": "新开户",
}


def of_kind(clients: ClientTraits, code: str) -> Bools:
    """Return which clients are of one kind of KINDS."""
    fact, _, name = code.partition(":")
    if fact == "style":
        return traits(clients)[name]
    return np.asarray((clients.value_type if fact == "type" else clients.tier) == name)


def suggested(clients: ClientTraits, stated: Sequence[Sequence[str]], wanted: Bools, released: Bools) -> Floats:
    """Return the points of every pair (clients × managers), NaN where the manager said nothing of the client.

    `stated` are the kinds by manager; a client of any of them suits him. What he says of one client by name
    (`wanted`, `released`) goes before the kinds.
    """
    points = np.full(wanted.shape, np.nan)
    for column, codes in enumerate(stated):
        for code in codes:
            if code in KINDS:
                points[of_kind(clients, code), column] = SUITS
    points[wanted] = SUITS
    points[released] = GIVES_UP
    return points
