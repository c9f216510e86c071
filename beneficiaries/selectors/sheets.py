# SPDX-License-Identifier: EUPL-1.2
"""What the official sheets know of a recipient, and what of it cannot be (domain reference, sections 3.2 and 17)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from actions.enums import Admission, Sheet
from actions.models import Activity, Programme, TargetGroup
from beneficiaries.enums import OperatorTraining
from beneficiaries.models import Beneficiary, EligibilityCheck, OperatorSheet, ThirdCountrySheet
from beneficiaries.permissions import asks_no_papers, may_ask_papers
from beneficiaries.selectors.counting import MEANT, age_on, groups_of_persons
from partners.models import EducationTitle, Organisation, OriginWork, PermitKind, TargetSpecific
from partners.services.official_lists import MINOR, MINORS_ONLY, OVER_65, UNACCOMPANIED_MINOR

Facts = list[tuple[Any, Any]]

ADULT = 18
# The condition "over 65" of the sheets begins after the age band "over 60" of the figures: two different things.
OLD = 65


def permit_kinds() -> QuerySet[PermitKind]:
    """Return the kinds of permit in the order of the sheet."""
    return PermitKind.objects.order_by("position", "pk")


def target_specifics() -> QuerySet[TargetSpecific]:
    """Return the particular conditions in the order of the sheet."""
    return TargetSpecific.objects.order_by("position", "pk")


def education_titles() -> QuerySet[EducationTitle]:
    """Return the levels of education in the order of the sheet."""
    return EducationTitle.objects.order_by("position", "pk")


def origin_works() -> QuerySet[OriginWork]:
    """Return the kinds of work in the country of origin in the order of the sheet."""
    return OriginWork.objects.order_by("position", "pk")


@dataclass(frozen=True)
class Way:
    """One form of registration of an activity: for the groups of one sheet, or for those without papers (`sheet` "")."""

    sheet: str
    groups: list[TargetGroup]
    papers: bool

    @property
    def code(self) -> str:
        """What stands in the address: the code of its first group."""
        return self.groups[0].code


def ways_of(activity: Activity, bodies: Sequence[Organisation]) -> list[Way]:
    """Return the forms with which these bodies register in an activity: first the one that the activity is for.

    Two queries.
    """
    found: dict[tuple[str, bool], list[TargetGroup]] = {}
    for group in groups_of_persons(activity.programme_id):
        papers = may_ask_papers(bodies, activity, group)
        sheet = group.sheet if group.sheet == Sheet.OPERATORS or (papers and group.sheet != Sheet.PUPILS) else ""
        found.setdefault((sheet, papers), []).append(group)
    earned = set(activity.activity_type.earns.values_list("pk", flat=True))
    ways = [Way(sheet, groups, papers) for (sheet, papers), groups in found.items()]
    return sorted(ways, key=lambda way: not any(group.pk in earned for group in way.groups))


def admission_of(programme: Programme, permit: PermitKind) -> Admission:
    """Return whether a programme admits the holders of a kind of permit; what its definition does not say is to verify."""
    return Admission(programme.permits.get(permit.code, Admission.TO_VERIFY))


def permit_of(beneficiary: Beneficiary) -> PermitKind | None:
    """Return the kind of permit that was last declared or seen; None when none was. One query."""
    check = (
        EligibilityCheck.objects.filter(beneficiary=beneficiary, permit__isnull=False)
        .select_related("permit")
        .order_by("-at", "-pk")
        .first()
    )
    return check.permit if check else None


def support_began(beneficiary: Beneficiary, today: date) -> date:
    """Return the day on which the first support began; today for somebody who has none yet. One query."""
    found: date | None = beneficiary.enrolments.filter(MEANT).aggregate(first=Min("enrolled_on"))["first"]
    return found or today


def is_adult(birth_date: date, on: date) -> bool:
    """Whether somebody is of age on a day."""
    return age_on(birth_date, on) >= ADULT


def permit_problem(permit: PermitKind, *, birth_date: date, on: date) -> Any:
    """Return why somebody of this age cannot have this value, as a sentence; nothing when it can."""
    if permit.code in MINORS_ONLY and is_adult(birth_date, on):
        return _("“%(permit)s” is only for who is under 18 when the support starts: check the birth date.") % {
            "permit": permit.official_label
        }
    return ""


def specifics_problem(codes: Collection[str], *, birth_date: date, on: date) -> Any:
    """Return which condition contradicts the age at the start of the support, as a sentence; nothing when none does."""
    age = age_on(birth_date, on)
    if age >= ADULT and {MINOR, UNACCOMPANIED_MINOR} & set(codes):
        return _("Who is %(age)s when the support starts is not a minor: untick it, or check the birth date.") % {
            "age": age
        }
    if age <= OLD and OVER_65 in codes:
        return _("Who is %(age)s when the support starts is not over 65: untick it, or check the birth date.") % {
            "age": age
        }
    return ""


def specifics_warnings(codes: Collection[str], *, birth_date: date, on: date) -> list[Any]:
    """Return which condition the age asks for and is not ticked, as sentences."""
    age = age_on(birth_date, on)
    if age < ADULT and not {MINOR, UNACCOMPANIED_MINOR} & set(codes):
        return [_("By age this is a minor: the official sheet expects the condition.")]
    if age > OLD and OVER_65 not in codes:
        return [_("By age this person is over 65: the official sheet expects the condition.")]
    return []


def sheets_of(beneficiary: Beneficiary) -> list[str]:
    """Return the sheets that ask more of this recipient than its own page: of its group, then of its roles. One query.

    Never of a pupil, nor that of third-country nationals where a school registered.
    """
    roles = beneficiary.enrolments.filter(target_group__isnull=False).values_list("target_group__sheet", flat=True)
    found = dict.fromkeys([beneficiary.target_group.sheet, *roles.order_by("target_group__position")])
    wanted = [Sheet.OPERATORS.value]
    if not asks_no_papers(beneficiary.registered_by):
        wanted.append(Sheet.THIRD_COUNTRY.value)
    return [sheet for sheet in found if sheet in wanted]


def kept_sheet(beneficiary: Beneficiary, sheet: str) -> ThirdCountrySheet | OperatorSheet | None:
    """Return what was written for one sheet of a recipient; None when nothing was. One query."""
    if sheet == Sheet.OPERATORS:
        return OperatorSheet.objects.filter(beneficiary=beneficiary).first()
    return (
        ThirdCountrySheet.objects.filter(beneficiary=beneficiary)
        .select_related("first_specific", "second_specific", "third_specific", "education", "origin_work")
        .first()
    )


def sheet_initial(kept: ThirdCountrySheet | OperatorSheet | None) -> dict[str, Any]:
    """Return what the form of a sheet shows at first."""
    if kept is None:
        return {}
    if isinstance(kept, OperatorSheet):
        return {name: getattr(kept, name) for name in ("employer", "nature", "public_body", "trainings")}
    return {
        "specifics": kept.specifics,
        **{name: getattr(kept, name) for name in ("education", "origin_work", "permit_note")},
    }


def sheet_warnings(beneficiary: Beneficiary, today: date) -> list[Any]:
    """Return what the sheet of third-country nationals expects of somebody of this age, as sentences."""
    kept = kept_sheet(beneficiary, Sheet.THIRD_COUNTRY)
    if not isinstance(kept, ThirdCountrySheet):
        return []
    codes = [one.code for one in kept.specifics]
    return specifics_warnings(codes, birth_date=beneficiary.birth_date, on=support_began(beneficiary, today))


def sheet_facts(beneficiary: Beneficiary, sheets: Collection[str]) -> Facts:
    """Return what the page of a recipient shows of its sheets (`sheets_of`). Two queries for each."""
    facts: Facts = []
    for sheet in sheets:
        if sheet == Sheet.THIRD_COUNTRY:
            permit = permit_of(beneficiary)
            facts += [(_("Permit to stay"), permit.official_label)] if permit else []
        kept = kept_sheet(beneficiary, sheet)
        if isinstance(kept, ThirdCountrySheet):
            facts += _third_country_facts(kept)
        elif kept is not None:
            facts += _operator_facts(kept)
    return facts


def _third_country_facts(sheet: ThirdCountrySheet) -> Facts:
    rows: Sequence[tuple[Any, Any]] = [
        (_("Particular conditions"), ", ".join(one.official_label for one in sheet.specifics)),
        (_("Level of education"), sheet.education),
        (_("Work in the country of origin"), sheet.origin_work),
        (_("Note on the permit"), sheet.permit_note),
    ]
    return [(label, value) for label, value in rows if value]


def _operator_facts(sheet: OperatorSheet) -> Facts:
    trainings = [str(OperatorTraining(code).label) for code in sheet.trainings]
    rows: Sequence[tuple[Any, Any]] = [
        (_("Works for"), sheet.employer),
        (_("Kind of body"), sheet.get_nature_display()),
        (_("Public body where the person works"), sheet.public_body),
        (_("Training about"), ", ".join(trainings)),
    ]
    return [(label, value) for label, value in rows if value]
