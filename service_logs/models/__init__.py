"""The tables of service."""

from service_logs.models.batch import TaskBatch
from service_logs.models.catalogue import MESSAGES, Channel, Kind, Rule, RuleSetting
from service_logs.models.contact import Contact
from service_logs.models.policy import Content, ServicePolicy, Way
from service_logs.models.return_visit import ReturnVisit, SpotCheck, VisitPlan
from service_logs.models.script import Script
from service_logs.models.task import AIM_TIERS, ServiceStanding, Signal, SignalMark, Task

__all__ = [
    "AIM_TIERS",
    "MESSAGES",
    "Channel",
    "Contact",
    "Content",
    "Kind",
    "ReturnVisit",
    "Rule",
    "RuleSetting",
    "Script",
    "ServicePolicy",
    "ServiceStanding",
    "Signal",
    "SignalMark",
    "SpotCheck",
    "Task",
    "TaskBatch",
    "VisitPlan",
    "Way",
]
