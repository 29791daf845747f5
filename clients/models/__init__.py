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
    Entitlement,
    PositionDay,
    ProductPurchase,
    StandingOrder,
    Trade,
)
from clients.models.feed import FactChange, ImportBatch, ImportFile, QuarantineRow
from clients.models.questionnaire import AnswerSheet, Question, Questionnaire, Topic
from clients.models.rest_feed import FeedPart, RestFeed

__all__ = [
    "Account",
    "AccountDay",
    "AccountEvent",
    "AnswerSheet",
    "ChannelPreference",
    "Client",
    "ClientDay",
    "ClientStanding",
    "ClientWindow",
    "DevelopmentRelation",
    "Entitlement",
    "FactChange",
    "FeedPart",
    "Grade",
    "ImportBatch",
    "ImportFile",
    "PositionDay",
    "ProductPurchase",
    "QuarantineRow",
    "Question",
    "Questionnaire",
    "RestFeed",
    "SearchToken",
    "ServiceAssignment",
    "StandingOrder",
    "Tier",
    "Topic",
    "Trade",
    "ValueType",
]
