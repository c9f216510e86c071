# SPDX-License-Identifier: EUPL-1.2
"""Guidance at the end of the school year that is over: which paths were advised and which were chosen, in three networks.

The programme began in July 2018: what began in that month belongs to the school year 2017/18, whose figures are shown.
Pupils, days and answers are invented.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from accounts.models import User
from actions.models import Activity, ActivityType, Programme
from actions.services import activities
from beneficiaries.enums import InterventionKind, InterventionOutcome, SchoolPath, SupportKind, SupportOutcome
from beneficiaries.models import Beneficiary, Enrolment, Intervention, InterventionPerson, Support, SupportMember
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from partners.models import Membership, Organisation
from reporting.demo import world
from reporting.demo.bodies import programme

TITLE = "Orientamento: quale scuola dopo le medie"
# The activity goes on; those whom it followed in the first summer are done.
STARTS, LAST_TALK, ENDS = date(2018, 7, 31), date(2018, 8, 31), date(2019, 8, 31)
# Who was thirteen or more that summer.
BORN_BY = date(2005, 7, 31)
_TECHNICAL, _VOCATIONAL, _LICEO, _REGIONAL = (
    SchoolPath.TECHNICAL,
    SchoolPath.VOCATIONAL,
    SchoolPath.LICEO,
    SchoolPath.REGIONAL,
)
# By body: what was advised, what was chosen, to how many pupils. Two answers are so rare that the page joins or hides them.
ANSWERS = {
    world.BEHIND: (
        (_TECHNICAL, _TECHNICAL, 5),
        (_VOCATIONAL, _VOCATIONAL, 5),
        (_LICEO, _LICEO, 5),
        (_VOCATIONAL, _TECHNICAL, 5),
    ),
    "Cooperativa sociale Le Stagioni": (
        (_TECHNICAL, _TECHNICAL, 7),
        (_VOCATIONAL, _VOCATIONAL, 5),
        (_LICEO, _LICEO, 5),
        (_VOCATIONAL, _TECHNICAL, 5),
        (_REGIONAL, _VOCATIONAL, 2),
    ),
    "Cooperativa sociale Due Fiumi": (
        (_TECHNICAL, _TECHNICAL, 6),
        (_VOCATIONAL, _VOCATIONAL, 6),
        (_LICEO, _LICEO, 5),
        (_VOCATIONAL, _TECHNICAL, 5),
    ),
}


def guidance_of_last_year() -> None:
    """Let three bodies guide the pupils who left the middle school, and record what was advised and chosen."""
    region = programme()
    for name, answers in ANSWERS.items():
        paths = [(advised, chosen) for advised, chosen, pupils in answers for _pupil in range(pupils)]
        _guided_by(region, Organisation.objects.get(name=name), paths)


def _guided_by(region: Programme, body: Organisation, paths: Sequence[tuple[str, str]]) -> None:
    people = Beneficiary.objects.filter(
        programme=region, registered_by=body, merged_into=None, birth_date__lte=BORN_BY
    ).order_by("birth_date", "pk")[: len(paths)]
    lab = Activity.objects.filter(programme=region, organisation=body, activity_type__code="LAB-L2").order_by("pk")[0]
    activity = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=region, code="ORIENTAMENTO"),
        network=lab.network,
        organisation=body,
        title=TITLE,
        starts_on=STARTS,
        ends_on=ENDS,
        municipality=lab.municipality,
        by=None,
    )
    activities.start_activity(activity=activity, by=None)
    entries = [NewEnrolment(person, STARTS, "2018/1", STARTS - timedelta(days=4)) for person in people]
    _followed(activity, enrol_many(activity=activity, entries=entries, by=None), paths)


def _followed(activity: Activity, enrolments: list[Enrolment], paths: Sequence[tuple[str, str]]) -> None:
    """One support for each pupil, with a talk and a word to the new school."""
    operator: User = (
        Membership.objects.filter(organisation=activity.organisation_id, role="partner_operator")
        .select_related("user")
        .order_by("pk")[0]
        .user
    )
    supports = Support.objects.bulk_create(
        Support(
            activity=activity,
            kind=SupportKind.SCHOOL_PATH,
            opened_on=STARTS,
            ended_on=LAST_TALK,
            outcome=SupportOutcome.REACHED,
            path_advised=advised,
            path_chosen=chosen,
        )
        for _row, (advised, chosen) in zip(enrolments, paths, strict=False)
    )
    SupportMember.objects.bulk_create(
        SupportMember(support=support, enrolment=row, since=STARTS)
        for support, row in zip(supports, enrolments, strict=True)
    )
    done = Intervention.objects.bulk_create(
        Intervention(
            support=support,
            held_on=STARTS + timedelta(days=days + place % 4),
            minutes=minutes,
            operator=operator,
            kind=kind,
            outcome=InterventionOutcome.DONE,
        )
        for place, support in enumerate(supports)
        for days, minutes, kind in ((2, 50, InterventionKind.INTERVIEW), (25, 30, InterventionKind.CONTACTS))
    )
    of_support = {support.pk: row for support, row in zip(supports, enrolments, strict=True)}
    InterventionPerson.objects.bulk_create(
        InterventionPerson(intervention=row, enrolment=of_support[row.support_id]) for row in done
    )
