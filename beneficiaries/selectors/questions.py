# SPDX-License-Identifier: EUPL-1.2
"""What bodies are asked of their own recipients, and what two answers say together. Nobody reads the other's answer."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import ROLES, Permission, Scope
from beneficiaries.enums import PairState, QuestionsEnd, Sibling
from beneficiaries.models import Pair, PairQuestion
from fami_portal.core import clock
from fami_portal.core.nav import Waiting
from partners.enums import SCHOOL_KINDS
from partners.models import Membership, Organisation
from partners.permissions import holds, organisations_with

# On the home page; the others are in the list.
PANEL_SIZE = 5
# Nobody remembers the month of an enrolment of four years ago.
MONTHS = 48


@dataclass(frozen=True, repr=False)
class Answers:
    """What a body says of its own recipient; empty is what it does not know. Its `repr` says nothing."""

    site_id: int | None = None
    group: str = ""
    enrolled_month: date | None = None
    sibling: str = Sibling.UNKNOWN


def answers_of(question: PairQuestion) -> Answers:
    """Return what was answered."""
    return Answers(question.site_id, question.group, question.enrolled_month, question.sibling)


def same_group(one: str, other: str) -> bool:
    """Whether two names of a class are one: “3^B”, “3 b”, “B3” are."""

    def plain(text: str) -> list[str]:
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        return sorted(letter for letter in decomposed if letter.isalnum() and not unicodedata.combining(letter))

    return plain(one) == plain(other)


def compare(one: Answers, other: Answers) -> QuestionsEnd:
    """Say what two answers decide together.

    One person when two of school, class and month agree and nothing differs; two persons when two of school, month
    and sibling differ and nothing agrees; everything else is for the coordinator. A class says something within one
    school only; months beside one another say nothing. Who has a brother or a sister in the same year may be a twin:
    then the portal joins nobody by itself.
    """
    agreeing = differing = 0
    if one.site_id and other.site_id:
        if one.site_id != other.site_id:
            differing += 1
        else:
            agreeing += 1
            if one.group and other.group:
                same = same_group(one.group, other.group)
                agreeing, differing = agreeing + same, differing + (not same)
    if one.enrolled_month and other.enrolled_month:
        first, second = one.enrolled_month, other.enrolled_month
        distance = abs((first.year - second.year) * 12 + first.month - second.month)
        agreeing, differing = agreeing + (distance == 0), differing + (distance > 1)
    said = {one.sibling, other.sibling}
    differing += said == {Sibling.YES, Sibling.NO}
    if agreeing >= 2 and not differing and Sibling.YES not in said:
        return QuestionsEnd.AGREED
    return QuestionsEnd.DIFFERED if differing >= 2 and not agreeing else QuestionsEnd.UNCLEAR


def _who_answers() -> Q:
    roles = [
        role.code
        for role in ROLES.values()
        if role.scope == Scope.BODY and Permission.REGISTER_BENEFICIARIES in role.permissions
    ]
    return Q(role__in=roles, user__is_active=True)


def bodies_that_answer(bodies: Iterable[int]) -> set[int]:
    """Return which bodies have somebody with an account who registers recipients."""
    found = Membership.objects.valid_on(timezone.localdate()).filter(_who_answers(), organisation__in=set(bodies))
    return set(found.order_by().values_list("organisation_id", flat=True))


def people_who_answer(bodies: Iterable[int]) -> list[tuple[int, User]]:
    """Return each body with each person who may answer for it."""
    found = Membership.objects.valid_on(timezone.localdate()).filter(_who_answers(), organisation__in=set(bodies))
    rows = {(row.organisation_id, row.user_id): row.user for row in found.select_related("user").order_by("pk")}
    return [(body, user) for (body, _user_id), user in rows.items()]


def questions_for(user: Any) -> QuerySet[PairQuestion]:
    """Return what the bodies of a person are asked, open first; what was answered stays in the list, without answers."""
    bodies = organisations_with(user, Permission.REGISTER_BENEFICIARIES)
    return (
        PairQuestion.objects.filter(organisation__in=[body.pk for body in bodies], beneficiary__restricted_at=None)
        .defer("site", "group", "enrolled_month", "sibling")
        .select_related(
            "beneficiary__target_group", "beneficiary__programme", "beneficiary__registered_by", "organisation"
        )
    )


def open_questions(user: Any) -> QuerySet[PairQuestion]:
    """Return what waits for an answer of the person, the next due first."""
    return (
        questions_for(user).filter(closed_at=None, answered_at=None).order_by("due_on", "beneficiary__pseudonym", "pk")
    )


def schools() -> QuerySet[Organisation]:
    """Return the schools and centres among which a body chooses."""
    return Organisation.objects.filter(kind__in=SCHOOL_KINDS).order_by("name", "pk")


def months_before(day: date) -> list[date]:
    """Return the first days of the months before a day, the latest first."""
    number = day.year * 12 + day.month - 1
    return [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in range(MONTHS)]


def questions_panel(user: Any) -> list[Waiting]:
    """What waits on the home page: own recipients to confirm, and pairs on which the person decides."""
    waiting: list[Waiting] = []
    if organisations_with(user, Permission.REGISTER_BENEFICIARIES):
        waiting += [
            Waiting(
                title=_("Confirm the data of recipient %(pseudonym)s") % {"pseudonym": question.beneficiary.pseudonym},
                url=question.get_absolute_url(),
                due=question.due_on,
                status=_("Late") if question.due_on < clock.today() else _("To be answered"),
                colour="warning",
                context=question.organisation,
            )
            for question in open_questions(user)[:PANEL_SIZE]
        ]
    if holds(user, Permission.DECIDE_DUPLICATES):
        number = Pair.objects.visible_to(user).filter(state=PairState.OPEN).count()
        if number:
            waiting.append(
                Waiting(
                    title=ngettext(
                        "Decide on %(number)s possible duplicate", "Decide on %(number)s possible duplicates", number
                    )
                    % {"number": number},
                    url=f"{reverse('beneficiaries:pair-list')}?state={PairState.OPEN.value}",
                    status=PairState.OPEN.label,
                    colour="warning",
                )
            )
    return waiting
