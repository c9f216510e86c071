# SPDX-License-Identifier: EUPL-1.2
"""Possible duplicates of the demonstration: one of one body, one that two bodies are asked about, one left unanswered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations

from actions.enums import TargetGroupKind
from beneficiaries.enums import AttendanceState, MissingTaxCode, PairState
from beneficiaries.models import Beneficiary, Pair, PairQuestion
from beneficiaries.selectors.questions import Answers, bodies_that_answer, schools
from beneficiaries.services.identities import NewIdentity, write_identities
from beneficiaries.services.matching import Typed, count_once
from beneficiaries.services.questions import ANSWER_DAYS, answer, ask_bodies
from fami_portal.core import clock
from reporting.demo.bodies import programme

# Written in two ways, as two offices do; nobody else in the demonstration is called so.
TWICE = (
    (("Shirin", "Al-Bayati"), ("Bayati", "Shireen")),
    (("Nadia", "Sarkissian"), ("Sarkisyan", "Nadia")),
    (("Zoran", "Petković"), ("Petkovic", "Zoran")),
)

# Among so many recipients there are some of the same age.
MANY = 300


def possible_duplicates() -> None:
    """Let three pairs be found: the coordinator decides on two, and two bodies are asked about the third."""
    now = clock.now()
    people = _people()
    unanswered = _pair(people, TWICE[0], now - timedelta(days=ANSWER_DAYS + 3), same_body=False)
    ask_bodies(at=now - timedelta(days=ANSWER_DAYS + 2))
    asked = _pair(people, TWICE[1], now - timedelta(days=8), same_body=False)
    ask_bodies(at=now - timedelta(days=7))
    if asked is not None:
        question = PairQuestion.objects.filter(pair=asked).select_related("beneficiary").order_by("pk").first()
        if question is not None:
            answer(
                question=question,
                version=question.version,
                answers=Answers(site_id=getattr(schools().first(), "pk", None), group="2B", sibling="no"),
                by=None,
                at=now - timedelta(days=5),
            )
    if unanswered is not None:
        ask_bodies(at=now - timedelta(days=1))
    _pair(people, TWICE[2], now - timedelta(days=2), same_body=True)


def _people() -> list[Beneficiary]:
    """Recipients without a name who were present somewhere, of bodies with somebody who can answer."""
    region = programme()
    found = Beneficiary.objects.filter(
        programme=region,
        merged_into=None,
        identities=None,
        target_group__kind=TargetGroupKind.PERSONS,
        enrolments__attendances__state=AttendanceState.PRESENT,
    )
    able = bodies_that_answer(found.order_by().values_list("registered_by", flat=True))
    return list(
        found.filter(registered_by__in=able)
        .select_related("programme", "registered_by")
        .distinct()
        .order_by("pk")[:MANY]
    )


def _pair(people: list[Beneficiary], names: Iterable[tuple[str, str]], at: datetime, *, same_body: bool) -> Pair | None:
    """Give two recipients of the same birth date, or year, nearly the same name; take them out of the list."""
    chosen = min(
        (
            (one.birth_date != other.birth_date, one.pk, other.pk, one, other)
            for one, other in combinations(people, 2)
            if one.birth_date.year == other.birth_date.year
            and (one.registered_by_id == other.registered_by_id) is same_body
        ),
        default=None,
    )
    if chosen is None:
        return None
    for person, (given_name, family_name) in zip(chosen[3:], names, strict=True):
        people.remove(person)
        identity = write_identities(
            entries=[NewIdentity(person, given_name, family_name, "", MissingTaxCode.NOT_ASKED)],
            organisation=person.registered_by,
            by=None,
        )[0]
        count_once(people=[Typed(identity, given_name, family_name)], by=None, at=at)
    return Pair.objects.exclude(state=PairState.MERGED).order_by("-pk").first()
