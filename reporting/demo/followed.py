# SPDX-License-Identifier: EUPL-1.2
"""Persons and households followed one by one, and a desk that counts who comes. Codes and days are invented."""

from datetime import date, timedelta

from accounts.models import User
from actions.models import Activity, ActivityType, Plan
from actions.services import activities
from beneficiaries.enums import (
    AgeBand,
    ContactChannel,
    ContactOutcome,
    DeskTopic,
    InterventionKind,
    InterventionOutcome,
    SchoolPath,
    Sex,
    SupportKind,
    SupportOutcome,
)
from beneficiaries.models import (
    Beneficiary,
    DeskContact,
    Enrolment,
    Intervention,
    InterventionPerson,
    Support,
    SupportMember,
)
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.interventions import Work, record_intervention
from beneficiaries.services.supports import open_support
from partners.models import Country, Network, Organisation
from partners.services.memberships import grant_membership
from reporting.demo import world
from reporting.demo.bodies import programme
from reporting.demo.lombardia import OFFERTASOCIALE

HOUSING_BODY = "Cooperativa sociale Casa Aperta"
# The Sunday before the week in which the demonstration lives.
TODAY = date(2019, 5, 19)
PUPILS = 12
GUIDANCE = ("Orientamento dopo la terza media", date(2018, 11, 5), date(2019, 6, 14))
DESK = "Sportello stranieri (dimostrativo)"
DESK_PLAN, DESK_TYPE = "lab-impact-offertasociale", "OS-SPORTELLI"
CONTACTS = 60

_K, _O = InterventionKind, InterventionOutcome
# Members by place in the register, own code of the household, and what was done: day, minutes, what, next step.
_HOMES: tuple[tuple[tuple[int, ...], str, tuple[tuple[date, int, str, str, date | None], ...]], ...] = (
    (
        (0, 1),
        "N-01",
        (
            (date(2019, 2, 12), 60, _K.INTERVIEW, "Visita di un alloggio a Collegno", date(2019, 2, 26)),
            (date(2019, 2, 26), 90, _K.HOUSE_SEARCH, "Firma del contratto", date(2019, 3, 19)),
            (date(2019, 3, 19), 120, _K.HOUSE_ENTRY, "Voltura delle utenze", date(2019, 4, 2)),
            (date(2019, 4, 2), 45, _K.ACCOMPANIMENT, "", None),
        ),
    ),
    (
        (2, 3, 4),
        "N-02",
        (
            (date(2019, 4, 9), 60, _K.INTERVIEW, "Elenco delle agenzie", date(2019, 4, 30)),
            (date(2019, 5, 7), 75, _K.HOUSE_SEARCH, "Visita con il proprietario", date(2019, 5, 16)),
        ),
    ),
    ((5,), "", ((date(2019, 5, 14), 50, _K.INTERVIEW, "Domanda di residenza", date(2019, 5, 28)),)),
    (
        (6,),
        "",
        (
            (date(2019, 1, 22), 40, _K.HOUSE_SEARCH, "Ingresso in cohousing", date(2019, 2, 5)),
            (date(2019, 2, 5), 100, _K.HOUSE_ENTRY, "", None),
            (date(2019, 5, 8), 40, _K.AFTER_3_MONTHS, "", None),
        ),
    ),
)
_PATHS = (
    (SchoolPath.TECHNICAL, SchoolPath.TECHNICAL),
    (SchoolPath.VOCATIONAL, SchoolPath.TECHNICAL),
    (SchoolPath.LICEO, SchoolPath.LICEO),
    (SchoolPath.REGIONAL, SchoolPath.VOCATIONAL),
)


def persons_followed() -> None:
    """Follow households into a home and pupils to a school, and count who comes to a desk."""
    _homes()
    _guidance()
    _desk()


def _homes() -> None:
    """The desk operator of the demonstration follows some of those who are enrolled in the housing activity."""
    activity = Activity.objects.get(
        programme=programme(), organisation__name=HOUSING_BODY, activity_type__code="ABITARE"
    )
    operator = User.objects.get(email=f"sportello{world.DOMAIN}")
    first = date(2019, 2, 1)
    enrolled = list(
        Enrolment.objects.filter(activity=activity, enrolled_on__lt=date(2019, 1, 22), withdrawn_on=None)
        .select_related("beneficiary")
        .order_by("pk")
    )
    for places, code, done in _HOMES:
        members = [enrolled[place] for place in places if place < len(enrolled)]
        if not members:
            continue
        support = open_support(
            activity=activity,
            kind=SupportKind.HOUSING,
            entries=[NewEnrolment(row.beneficiary, row.enrolled_on, "", None) for row in members],
            opened_on=min(first, done[0][0]),
            code=code if len(members) > 1 else "",
            by=None,
            today=TODAY,
        )
        for day, minutes, kind, step, step_on in done:
            work = Work(day, minutes, operator, kind, _O.DONE, next_step=step, next_step_on=step_on)
            record_intervention(support=support, work=work, by=None, today=TODAY)


def _guidance() -> None:
    """The demo partner guides pupils of its labs; what was advised and chosen is recorded of most."""
    region = programme()
    body = Organisation.objects.get(name=world.BEHIND)
    lab = Activity.objects.filter(programme=region, organisation=body, activity_type__code="LAB-L2").order_by("pk")[0]
    title, starts, ends = GUIDANCE
    activity = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=region, code="ORIENTAMENTO"),
        network=lab.network,
        organisation=body,
        title=title,
        starts_on=starts,
        ends_on=ends,
        municipality=lab.municipality,
        by=None,
    )
    activities.start_activity(activity=activity, by=None)
    people = Beneficiary.objects.filter(programme=region, registered_by=body, merged_into=None).order_by(
        "birth_date", "pk"
    )[:PUPILS]
    enrolments = enrol_many(
        activity=activity,
        entries=[NewEnrolment(person, starts, "2018/1", starts - timedelta(days=3)) for person in people],
        by=None,
    )
    operator = User.objects.get(email=f"partner{world.DOMAIN}")
    ended = date(2019, 2, 20)
    supports = Support.objects.bulk_create(
        Support(
            activity=activity,
            kind=SupportKind.SCHOOL_PATH,
            opened_on=starts,
            ended_on=ended if place % 3 else None,
            outcome=SupportOutcome.REACHED if place % 3 else "",
            path_advised=_PATHS[place % 4][0],
            path_chosen=_PATHS[place % 4][1] if place % 5 else "",
        )
        for place in range(len(enrolments))
    )
    SupportMember.objects.bulk_create(
        SupportMember(support=support, enrolment=row, since=starts)
        for support, row in zip(supports, enrolments, strict=True)
    )
    work = Intervention.objects.bulk_create(
        Intervention(
            support=support,
            held_on=starts + timedelta(days=7 * week + place % 5),
            minutes=40 + 10 * (place % 3),
            operator=operator,
            kind=_K.INTERVIEW if week < 9 else _K.CONTACTS,
            outcome=_O.DONE,
            # The last word of those who go on says what comes next.
            next_step="Incontro con la famiglia" if support.ended_on is None and week == 9 else "",
            next_step_on=date(2019, 5, 23) if support.ended_on is None and week == 9 else None,
        )
        for place, support in enumerate(supports)
        for week in (1, 4, 9)
    )
    of_support = {support.pk: row for support, row in zip(supports, enrolments, strict=True)}
    InterventionPerson.objects.bulk_create(
        InterventionPerson(intervention=row, enrolment=of_support[row.support_id]) for row in work
    )


def _desk() -> None:
    """A desk of the plan of Offertasociale counts three months of contacts; nobody of them is a person."""
    plan = Plan.objects.select_related("organisation", "programme").get(slug=DESK_PLAN)
    body, since = plan.organisation, plan.starts_on + timedelta(days=30)
    if body is None:
        return
    network = Network.objects.get(code=OFFERTASOCIALE)
    kind = ActivityType.objects.select_related("action").get(plan=plan, code=DESK_TYPE)
    operator = User.objects.get(email=f"sportello{world.DOMAIN}")
    grant_membership(user=operator, organisation=body, role="desk_operator", networks=[], valid_from=since, by=None)
    desk = activities.create_activity(
        activity_type=kind,
        network=network,
        organisation=body,
        title=DESK,
        starts_on=date(2019, 1, 7),
        ends_on=date(2019, 12, 20),
        plan=plan,
        by=None,
    )
    activities.start_activity(activity=desk, by=None)
    topics, countries = list(DeskTopic.values), list(Country.objects.filter(is_third_country=True).order_by("code")[:9])
    DeskContact.objects.bulk_create(
        DeskContact(
            activity=desk,
            held_on=TODAY - timedelta(days=place * 3 // 2),
            channel=ContactChannel.PHONE if place % 4 == 0 else ContactChannel.IN_PERSON,
            first_access=place % 3 == 0,
            topics=sorted({topics[place % 5], topics[place * 7 % len(topics)]}, key=topics.index),
            outcome=ContactOutcome.PRACTICE if place % 3 == 1 else ContactOutcome.INFORMED,
            minutes=10 + 5 * (place % 4),
            with_mediator=place % 6 == 0,
            sex=Sex.FEMALE if place % 2 else Sex.MALE,
            age_band=AgeBand.FROM_18_TO_60,
            citizenship=countries[place % len(countries)] if place % 4 else None,
            operator=operator,
        )
        for place in range(CONTACTS)
    )
