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
from complaints.models.party import ComplaintParty
from complaints.models.referral import Referral
from complaints.models.step import Step

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
    "Mediation",
    "NumberBook",
    "Outcome",
    "PersonsClass",
    "Reasonableness",
    "Referral",
    "State",
    "Step",
    "Urgency",
]
