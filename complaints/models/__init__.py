"""The tables of complaints."""

from complaints.models.attachment import Attachment
from complaints.models.choices import (
    BusinessClass,
    Category,
    Cause,
    Channel,
    Mediation,
    Outcome,
    PersonsClass,
    Reasonableness,
    State,
    Urgency,
)
from complaints.models.clock import Clock, ClockSetting
from complaints.models.complaint import Complaint, NumberBook
from complaints.models.finding import Finding, FindingItem, ServiceStandard
from complaints.models.party import ComplaintParty
from complaints.models.referral import Referral
from complaints.models.step import Step
from complaints.models.survey import Forum, Invitation, SurveyMessage, SurveyRun

__all__ = [
    "Attachment",
    "BusinessClass",
    "Category",
    "Cause",
    "Channel",
    "Clock",
    "ClockSetting",
    "Complaint",
    "ComplaintParty",
    "Finding",
    "FindingItem",
    "Forum",
    "Invitation",
    "Mediation",
    "NumberBook",
    "Outcome",
    "PersonsClass",
    "Reasonableness",
    "Referral",
    "ServiceStandard",
    "State",
    "Step",
    "SurveyMessage",
    "SurveyRun",
    "Urgency",
]
