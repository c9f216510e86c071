# SPDX-License-Identifier: EUPL-1.2
"""The life of activities and of their meetings, and the lock on what has been reported."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState, DecisionState, MeetingState, OfferState
from fami_portal.core.errors import DomainError
from fami_portal.core.workflow import Workflow, register, transitions

_BODY = _("the body that carries it out")
_NOBODY = _("nobody")

ACTIVITY = register(
    Workflow(
        entity="actions.activity",
        states=ActivityState,
        initial=ActivityState.PLANNED,
        owners={
            ActivityState.PLANNED: _BODY,
            ActivityState.RUNNING: _BODY,
            ActivityState.CONCLUDED: _NOBODY,
            ActivityState.CANCELLED: _NOBODY,
        },
        colours={
            ActivityState.PLANNED: "secondary",
            ActivityState.RUNNING: "info",
            ActivityState.CONCLUDED: "success",
            ActivityState.CANCELLED: "danger",
        },
        transitions=transitions(
            ("start", {ActivityState.PLANNED}, ActivityState.RUNNING, _("Activity started"), False),
            ("conclude", {ActivityState.RUNNING}, ActivityState.CONCLUDED, _("Activity concluded"), False),
            # A conclusion by mistake, or a lab that goes on after all.
            ("resume", {ActivityState.CONCLUDED}, ActivityState.RUNNING, _("Activity resumed"), True),
            (
                "cancel",
                {ActivityState.PLANNED, ActivityState.RUNNING},
                ActivityState.CANCELLED,
                _("Activity cancelled"),
                True,
            ),
        ),
    )
)

MEETING = register(
    Workflow(
        entity="actions.meeting",
        states=MeetingState,
        initial=MeetingState.SCHEDULED,
        owners={
            MeetingState.SCHEDULED: _BODY,
            MeetingState.HELD: _NOBODY,
            MeetingState.CANCELLED: _NOBODY,
        },
        colours={
            MeetingState.SCHEDULED: "secondary",
            MeetingState.HELD: "success",
            MeetingState.CANCELLED: "danger",
        },
        transitions=transitions(
            ("hold", {MeetingState.SCHEDULED}, MeetingState.HELD, _("Meeting held"), False),
            (
                "cancel",
                {MeetingState.SCHEDULED, MeetingState.HELD},
                MeetingState.CANCELLED,
                _("Meeting cancelled"),
                True,
            ),
        ),
    )
)

_OWNER = _("the body that carries it out, or the one that holds the table")

DECISION = register(
    Workflow(
        entity="actions.decision",
        states=DecisionState,
        initial=DecisionState.OPEN,
        owners={DecisionState.OPEN: _OWNER, DecisionState.DONE: _NOBODY},
        colours={DecisionState.OPEN: "info", DecisionState.DONE: "success"},
        transitions=transitions(
            ("carry_out", {DecisionState.OPEN}, DecisionState.DONE, _("Decision carried out"), False),
            ("decision_reopen", {DecisionState.DONE}, DecisionState.OPEN, _("Decision opened again"), True),
        ),
    )
)

OFFER = register(
    Workflow(
        entity="actions.offer",
        states=OfferState,
        initial=OfferState.PUBLISHED,
        owners=dict.fromkeys(OfferState, _("the coordinator of the network")),
        colours={OfferState.PUBLISHED: "success", OfferState.WITHDRAWN: "secondary"},
        transitions=transitions(
            ("withdraw", {OfferState.PUBLISHED}, OfferState.WITHDRAWN, _("Entry withdrawn"), False),
            # Withdrawn by mistake, or offered again.
            ("publish_again", {OfferState.WITHDRAWN}, OfferState.PUBLISHED, _("Entry published again"), False),
        ),
    )
)

# States in which meetings, enrolments, contents and products may still be added or changed.
OPEN_STATES = frozenset({ActivityState.PLANNED, ActivityState.RUNNING})

# What the triggers of migration 0002 raise; a class of our own, so that nothing else can be taken for it.
CLOSED_PERIOD_SQLSTATE = "FP001"


class ClosedPeriodError(DomainError):
    """The work of the body in the period has been validated: nothing dated inside it changes."""

    def __init__(self, period: object, *, field: str | None = None) -> None:
        self.period = str(period)
        super().__init__(
            _(
                "The period %(period)s is closed: its activity report has been validated. To correct what it holds, "
                "ask the coordinator to reopen the report."
            )
            % {"period": self.period},
            field=field,
        )


@contextmanager
def closed_period_refusals() -> Iterator[None]:
    """Turn the refusal of the database triggers into `ClosedPeriodError`.

    Wraps the service transaction from outside: after the refusal of a trigger the transaction is lost.
    """
    try:
        yield
    except DatabaseError as error:
        cause: Any = error.__cause__
        if getattr(cause, "pgcode", None) != CLOSED_PERIOD_SQLSTATE:
            raise
        raise ClosedPeriodError(cause.diag.message_detail or "", field=None) from error


def check_activity_open(state: str) -> None:
    """Raise `DomainError` when nothing may be added to the activity any more."""
    if state not in OPEN_STATES:
        raise DomainError(
            _("This activity is “%(state)s”: nothing can be added or changed.") % {"state": ActivityState(state).label}
        )


def check_day_inside(day: date, starts_on: date, ends_on: date, *, field: str) -> None:
    """Raise `DomainError` at the field when a day lies outside the dates of the activity."""
    if not starts_on <= day <= ends_on:
        raise DomainError(
            _("The day must be within the dates of the activity, from %(start)s to %(end)s.")
            % {"start": f"{starts_on:%d/%m/%Y}", "end": f"{ends_on:%d/%m/%Y}"},
            field=field,
        )
