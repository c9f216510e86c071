# SPDX-License-Identifier: EUPL-1.2
"""Invented names for a part of the recipients of the demonstration, checks of eligibility, sheets of the adults."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from actions.enums import Sheet
from actions.models import Activity
from beneficiaries.enums import Eligibility, MissingTaxCode, SeenDocument
from beneficiaries.models import Beneficiary, Identity
from beneficiaries.permissions import asks_no_papers
from beneficiaries.selectors.sheets import permit_of
from beneficiaries.services.eligibility import change_eligibility, record_permit
from beneficiaries.services.registration import Names, record_names
from beneficiaries.services.sheets import ThirdCountryFacts, write_facts
from partners.models import EducationTitle, OriginWork, PermitKind, TargetSpecific

# In each activity, so many recipients have their names written.
NAMED = 8
# Nobody is called so twice: who is invented must not look like a twin.
GIVEN = (
    "Amina", "Bakari", "Chidera", "Dragana", "Emeka", "Fatou", "Gulnara", "Hamza", "Ioana", "Jamila", "Kwame",
    "Liridona", "Mihail", "Nadezhda", "Omar", "Parvati", "Quispe", "Rashid", "Sunita", "Tenzin", "Ulyana", "Viorel",
    "Wanjiru", "Xiaoli", "Yassine", "Zeynep",
)  # fmt: skip
SURNAMES = (
    "Abdisalam", "Benchekroun", "Cvetkovski", "Diabate", "Eskandari", "Fofanah", "Gjergji", "Huamani", "Ivanchenko",
    "Jayawardena", "Kovalchuk", "Lakhdari", "Mbengue", "Nwachukwu", "Okonjo", "Pushpakumara", "Qasimi", "Rexhepi",
    "Shevchuk", "Tagliamonte", "Umarova", "Villanueva", "Warsame", "Xhafa", "Yilmazer", "Zhelyazkova", "Bouazizi",
    "Kamara", "Mendieta", "Singhania",
)  # fmt: skip


# What the adults declare, in turn: permit, condition, education, work in the country of origin.
SHEETS = (
    ("family", "single_parent", "upper_secondary", "clerk"),
    ("employment", "", "lower_secondary", "skilled_worker"),
    ("asylum_application", "vulnerability", "none", "unskilled"),
    ("subsidiary_protection", "", "primary", "craftsperson"),
    ("eu_long_term", "", "bachelor", "technician"),
)


def _sheets(people: Sequence[Beneficiary], activity: Activity, at: datetime) -> None:
    """Write what the official sheet asks of adults, with the permit that each declares."""
    for place, person in enumerate(people):
        permit, condition, education, work = SHEETS[place % len(SHEETS)]
        facts = ThirdCountryFacts(
            specifics=list(TargetSpecific.objects.filter(code=condition)),
            education=EducationTitle.objects.get(code=education),
            origin_work=OriginWork.objects.get(code=work),
        )
        write_facts(beneficiary=person, facts=facts, on=activity.starts_on, by=None)
        record_permit(
            beneficiary=person,
            permit=PermitKind.objects.get(code=permit),
            organisation=person.registered_by,
            on=activity.starts_on,
            by=None,
            at=at - timedelta(days=10),
        )


def _permit_of(person: Beneficiary) -> PermitKind | None:
    """Return the kind of permit that was seen: what the person declared; nobody asks a pupil."""
    if person.target_group.sheet != Sheet.THIRD_COUNTRY:
        return None
    return permit_of(person) or PermitKind.objects.get(code="family")


def name_and_check(activity: Activity, people: Sequence[Beneficiary]) -> None:
    """Write some names, verify one recipient, and find one not eligible where several are still to be verified."""
    first = Identity.objects.count()
    at = timezone.make_aware(datetime.combine(activity.starts_on + timedelta(days=20), time(10)))
    places = len(GIVEN) * len(SURNAMES)
    named = people[: min(NAMED, max(places - first, 0))]
    names = {
        person: Names(
            GIVEN[place % len(GIVEN)], SURNAMES[place // len(GIVEN)], tax_code_missing=MissingTaxCode.NOT_ASKED
        )
        for place, person in enumerate(named, start=first)
    }
    record_names(names=names, organisation=people[0].registered_by, by=None, at=at)
    if people[0].target_group.sheet == Sheet.THIRD_COUNTRY and not asks_no_papers(people[0].registered_by):
        _sheets([person for person in named if person.eligibility == Eligibility.DECLARED], activity, at)
    # A school sees no permit: it leaves the verification to others.
    shown = [] if asks_no_papers(people[0].registered_by) else people
    declared = [person for person in shown if person.eligibility == Eligibility.DECLARED]
    for person in declared[:1]:
        change_eligibility(
            beneficiary=person,
            eligibility=Eligibility.VERIFIED,
            version=person.version,
            seen=SeenDocument.PERMIT,
            permit=_permit_of(person),
            expires_on=activity.ends_on + timedelta(days=400),
            kept_at="Faldone 3, ufficio progetti",
            by=None,
            at=at,
        )
    unsure = [person for person in people if person.eligibility == Eligibility.UNVERIFIED]
    for person in unsure[1:2]:
        change_eligibility(
            beneficiary=person,
            eligibility=Eligibility.NOT_ELIGIBLE,
            version=person.version,
            reason="Il permesso è scaduto e non è stato rinnovato.",
            by=None,
            at=at,
        )
