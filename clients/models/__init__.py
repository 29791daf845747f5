"""The tables of clients."""

from clients.models.account import Account, DevelopmentRelation, ServiceAssignment
from clients.models.client import (
    ChannelPreference,
    Client,
    ClientStanding,
    Grade,
    SearchToken,
    Tier,
    ValueType,
)
from clients.models.facts import (
    AccountDay,
    AccountEvent,
    ClientDay,
    ClientWindow,
    PositionDay,
    ProductPurchase,
    StandingOrder,
    Trade,
)
from clients.models.feed import FactChange, ImportBatch, ImportFile, QuarantineRow

__all__ = [
    "Account",
    "AccountDay",
    "AccountEvent",
    "ChannelPreference",
    "Client",
    "ClientDay",
    "ClientStanding",
    "ClientWindow",
    "DevelopmentRelation",
    "FactChange",
    "Grade",
    "ImportBatch",
    "ImportFile",
    "PositionDay",
    "ProductPurchase",
    "QuarantineRow",
    "SearchToken",
    "ServiceAssignment",
    "StandingOrder",
    "Tier",
    "Trade",
    "ValueType",
]
