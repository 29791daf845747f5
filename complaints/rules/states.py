"""The way a complaint goes: 受理 → 调查 → 处理 → 反馈 → 结案, no step skipped (CMP-01)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a complaint stands (domain.md §3, fixed)."""

    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = (State.ACCEPTED, State.INVESTIGATING, State.HANDLING, State.FEEDBACK)
ENDED = (State.CLOSED, State.REJECTED, State.WITHDRAWN)


class Act(StrEnum):
    """What is done to a complaint; every act leaves one line of its timeline."""

    TAKE_IN = "take_in"
    INVESTIGATE = "investigate"
    FIND_CAUSE = "find_cause"
    PROPOSE = "propose"
    APPROVE = "approve"
    FEED_BACK = "feed_back"
    CLOSE = "close"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    SECOND_OPINION = "second_opinion"
    VOID_APPROVAL = "void_approval"
    PAUSE = "pause"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    DECLINE_EXTENSION = "decline_extension"
    ASK_MEDIATION = "ask_mediation"
    ACCEPT_MEDIATION = "accept_mediation"
    CLASSIFY = "classify"
    NAME = "name"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    ATTACH = "attach"
    HOLD = "hold"
    REFER = "refer"
    ANSWER = "answer"
    MERGE = "merge"
    UNMERGE = "unmerge"
    ESCALATE = "escalate"
    REMIND = "remind"


# The acts that move a complaint, from where they may, and where they lead.
MOVES: dict[Act, tuple[frozenset[State], State]] = {
    Act.INVESTIGATE: (frozenset({State.ACCEPTED}), State.INVESTIGATING),
    Act.FIND_CAUSE: (frozenset({State.INVESTIGATING}), State.HANDLING),
    Act.APPROVE: (frozenset({State.HANDLING}), State.FEEDBACK),
    Act.CLOSE: (frozenset({State.FEEDBACK}), State.CLOSED),
    Act.REJECT: (frozenset({State.ACCEPTED}), State.REJECTED),
    Act.WITHDRAW: (frozenset(OPEN), State.WITHDRAWN),
    # Back to the plan: the client asks for another look, or who approved turns out to be complained about himself.
    Act.SECOND_OPINION: (frozenset({State.FEEDBACK, State.CLOSED}), State.HANDLING),
    Act.VOID_APPROVAL: (frozenset({State.FEEDBACK, State.CLOSED}), State.HANDLING),
}

# The acts that leave it where it is, and where it may be.
STAYS: dict[Act, frozenset[State]] = {
    Act.PROPOSE: frozenset({State.HANDLING}),
    Act.FEED_BACK: frozenset({State.FEEDBACK}),
    **dict.fromkeys(
        (
            Act.PAUSE,
            Act.RESUME,
            Act.ASK_EXTENSION,
            Act.EXTEND,
            Act.DECLINE_EXTENSION,
            Act.CLASSIFY,
            Act.REFER,
            Act.MERGE,
        ),
        frozenset(OPEN),
    ),
    # Whoever was refused may still ask; who took it back has nothing to mediate.
    Act.ASK_MEDIATION: frozenset({*OPEN, State.CLOSED, State.REJECTED}),
    Act.ACCEPT_MEDIATION: frozenset(OPEN),
}


def may(act: str, state: str) -> bool:
    """Whether `act` is a step from `state`; acts in neither table are possible everywhere."""
    known = Act(act)
    if known in MOVES:
        return State(state) in MOVES[known][0]
    return known not in STAYS or State(state) in STAYS[known]


def after(act: str, state: str) -> State:
    """Return where `act` leads from `state`."""
    known = Act(act)
    return MOVES[known][1] if known in MOVES else State(state)
