# SPDX-License-Identifier: EUPL-1.2
"""Invented names for a part of the recipients of the demonstration, and some checks of their eligibility."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from actions.models import Activity
from beneficiaries.enums import Eligibility, MissingTaxCode, SeenDocument
from beneficiaries.models import Beneficiary, Identity
from beneficiaries.permissions import asks_no_papers
from beneficiaries.services.eligibility import change_eligibility
from beneficiaries.services.registration import Names, record_names

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
    # A school sees no permit: it leaves the verification to others.
    shown = [] if asks_no_papers(people[0].registered_by) else people
    declared = [person for person in shown if person.eligibility == Eligibility.DECLARED]
    for person in declared[:1]:
        change_eligibility(
            beneficiary=person,
            eligibility=Eligibility.VERIFIED,
            version=person.version,
            seen=SeenDocument.PERMIT,
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
