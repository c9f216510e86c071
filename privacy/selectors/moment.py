# SPDX-License-Identifier: EUPL-1.2
"""What comes next in a case, and what else can be done in it: the page shows the first as its one primary button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from privacy.enums.requests import WITH_COPY, WITH_RESTRICTION, WORKED_STATES, RightKind, RightsState, TaskPurpose
from privacy.models import RightsMatch, RightsRequest, RightsTask


class Act(StrEnum):
    """The acts on a case; the values are those of its addresses, `match` and `bodies` have pages of their own."""

    VERIFY = "verify"
    ASK_IDENTITY = "ask-identity"
    MATCH = "match"
    BODIES = "bodies"
    COPY = "copy"
    DELIVER = "deliver"
    PROPOSE_ERASURE = "propose-erasure"
    ERASE = "erase"
    CORRECT = "correct"
    RESTRICT = "restrict"
    LIFT = "lift"
    ANSWER = "answer"
    EXTEND = "extend"
    REFUSE = "refuse"
    CLOSE = "close"


@dataclass(frozen=True)
class Moment:
    """Where a case stands. `act` is what comes next, None when others have their turn; `others` is what can be done too.

    `waiting` bodies have not answered; `second` says that an erasure waits for somebody else than the reader.
    """

    act: Act | None
    others: Sequence[Act] = ()
    waiting: int = 0
    second: bool = False


def moment_of(
    case: RightsRequest, *, matches: Sequence[RightsMatch], tasks: Sequence[RightsTask], user: Any, day: date
) -> Moment:
    """Return where a case stands for who reads it; no query."""
    restricted = any(match.beneficiary.restricted_at is not None for match in matches)
    waiting = sum(1 for task in tasks if not task.answer)
    if case.state in WORKED_STATES:
        act, second = _worked(
            case, matches=bool(matches), tasks=tasks, restricted=restricted, waiting=waiting, user=user
        )
    else:
        act, second = _FIRST.get(RightsState(case.state)), False
    possible = _possible(case, found=bool(matches), restricted=restricted, day=day)
    return Moment(act, [one for one in possible if one != act], waiting, second)


_FIRST = {
    RightsState.RECEIVED: Act.VERIFY,
    RightsState.IDENTITY: Act.VERIFY,
    RightsState.ANSWERED: Act.CLOSE,
    RightsState.REFUSED: Act.CLOSE,
}


def _worked(
    case: RightsRequest, *, matches: bool, tasks: Sequence[RightsTask], restricted: bool, waiting: int, user: Any
) -> tuple[Act | None, bool]:
    """Return the act of the moment of a case in progress, and whether its erasure waits for somebody else."""
    if case.matched_at is None:
        return Act.MATCH, False
    # A correction asks the bodies by itself; the other rights need to know first what they hold.
    if not tasks and not (matches and case.kind == RightKind.RECTIFICATION):
        return Act.BODIES, False
    if waiting:
        return None, False
    if matches and case.kind in WITH_COPY and case.delivered_on is None:
        return (Act.DELIVER if case.copy_file_id else Act.COPY), False
    if matches and case.kind == RightKind.ERASURE and case.erased_at is None:
        if case.erasure_proposed_at is None:
            return Act.PROPOSE_ERASURE, False
        return (Act.ERASE, False) if case.awaits_another(user) else (None, True)
    if matches and case.kind == RightKind.RECTIFICATION and not _asked_to_correct(tasks):
        return Act.CORRECT, False
    if matches and case.kind == RightKind.RESTRICTION and not restricted:
        return Act.RESTRICT, False
    return Act.ANSWER, False


def _asked_to_correct(tasks: Sequence[RightsTask]) -> bool:
    return any(task.purpose == TaskPurpose.CORRECT for task in tasks)


def _possible(case: RightsRequest, *, found: bool, restricted: bool, day: date) -> list[Act]:
    """Return all that the case allows, in the order in which it is usually done."""
    acts: list[Act] = []
    if case.state in (RightsState.RECEIVED, RightsState.IDENTITY):
        acts.append(Act.VERIFY)
    if case.state == RightsState.RECEIVED:
        acts.append(Act.ASK_IDENTITY)
    if case.state in WORKED_STATES:
        acts.append(Act.MATCH)
        if case.matched_at is not None:
            acts += [Act.BODIES, *_of_the_right(case, found=found, restricted=restricted), Act.ANSWER]
        if case.state == RightsState.IN_PROGRESS and not case.is_late(day):
            acts.append(Act.EXTEND)
    if case.kind in WITH_RESTRICTION and restricted:
        acts.append(Act.LIFT)
    if case.is_open:
        acts.append(Act.REFUSE)
    if case.state in (RightsState.ANSWERED, RightsState.REFUSED):
        acts.append(Act.CLOSE)
    return acts


def _of_the_right(case: RightsRequest, *, found: bool, restricted: bool) -> list[Act]:
    if not found:
        return []
    acts: list[Act] = []
    if case.kind in WITH_COPY:
        acts += [Act.COPY, Act.DELIVER] if case.copy_file_id else [Act.COPY]
    if case.kind == RightKind.ERASURE and case.erased_at is None and case.erasure_proposed_at is None:
        acts.append(Act.PROPOSE_ERASURE)
    if case.kind == RightKind.RECTIFICATION:
        acts.append(Act.CORRECT)
    if case.kind in WITH_RESTRICTION and not restricted:
        acts.append(Act.RESTRICT)
    return acts
