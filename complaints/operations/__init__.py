"""What may be done to complaints."""

from complaints.operations.appeals import accept_mediation, request_mediation, second_opinion
from complaints.operations.classes import classify, identify
from complaints.operations.deadlines import tick
from complaints.operations.files import attach, remove_expired, set_hold
from complaints.operations.intake import take_in
from complaints.operations.merging import merge, unmerge
from complaints.operations.parties import add_party, hand_over, release_words
from complaints.operations.referrals import answer_referral, refer
from complaints.operations.settings import set_limit
from complaints.operations.steps import (
    approve_plan,
    close,
    give_feedback,
    propose_plan,
    record_cause,
    reject,
    start_investigation,
    withdraw,
)
from complaints.operations.timing import decline_extension, extend, pause, request_extension, resume

__all__ = [
    "accept_mediation",
    "add_party",
    "answer_referral",
    "approve_plan",
    "attach",
    "classify",
    "close",
    "decline_extension",
    "extend",
    "give_feedback",
    "hand_over",
    "identify",
    "merge",
    "pause",
    "propose_plan",
    "record_cause",
    "refer",
    "reject",
    "release_words",
    "remove_expired",
    "request_extension",
    "request_mediation",
    "resume",
    "second_opinion",
    "set_hold",
    "set_limit",
    "start_investigation",
    "take_in",
    "tick",
    "unmerge",
    "withdraw",
]
