# SPDX-License-Identifier: EUPL-1.2
"""The quick form of an intervention for who works down a list: on the page of an activity, and on whom it follows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.models import Activity
from actions.selectors.activities import ActivityPanel, refusal
from actions.workflow import check_activity_open
from beneficiaries.forms.supports import QuickForm
from beneficiaries.models import Beneficiary
from beneficiaries.permissions import can_follow, can_view_register, keepers_of
from beneficiaries.selectors import supports as found_by
from beneficiaries.selectors.outcomes import keepers_of as people_keeping
from beneficiaries.selectors.support_panels import support_panel
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.registers import own_bodies
from fami_portal.core import clock


def operators_for(activity: Activity, user: Any, *others: int) -> Any:
    """Return who may have carried out an intervention: who keeps the registers of the bodies, and the writer."""
    keepers = people_keeping(sorted(keepers_of(activity)), clock.today()).order_by()
    found = User.objects.filter(Q(pk__in={user.pk, *others}) | Q(pk__in=keepers.values("user")))
    return found.order_by("family_name", "given_name", "pk")


def name_of(support: Any, own: set[int]) -> str:
    """Return how the body calls whom a support follows: the household's code, or the person's."""
    codes = found_by.words_of(support.people, own) or found_by.words_of(support.people, own, left=True)
    return support.code or ", ".join(codes)


@dataclass(frozen=True)
class Quick:
    """The quick form of an activity, and the persons whose codes it shows."""

    form: QuickForm
    shown: list[Beneficiary]


def quick_form_of(
    user: Any,
    activity: Activity,
    supports: Sequence[Any],
    data: Mapping[str, Any] | None = None,
    *,
    day: date | None = None,
) -> Quick | None:
    """Return the quick form over the supports that go on; None when the activity is over or follows nobody now.

    `supports` are those of `open_supports`; `day` is the one to begin with, else today. One query. Whoever shows the form
    records the codes in it.
    """
    if not supports or refusal(lambda: check_activity_open(activity.state)):
        return None
    own = own_bodies(user)
    named = sorted(((name_of(one, own), one) for one in supports), key=lambda pair: (_in_order(pair[0]), pair[1].pk))
    form = QuickForm(
        data,
        supports=named,
        operators=operators_for(activity, user),
        initial={
            "held_on": min(max(day or clock.today(), activity.starts_on), activity.ends_on),
            "operator": user.pk,
        },
    )
    form.helper.form_action = reverse("beneficiaries:supports", args=[activity.uuid])
    if day is not None:
        form.fields["support"].widget.attrs["autofocus"] = True
    return Quick(form, [one.enrolment.beneficiary for row in supports for one in row.people] if form.offers else [])


def _in_order(name: str) -> list[tuple[int, str]]:
    """Return a key by which A-2 comes before A-10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name.casefold())]


def followed_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return what the page of an activity shows of whom it follows; to who follows them, with the quick form."""
    if not activity.has_supports:
        return None
    if not can_follow(user, activity):
        if not can_view_register(user, activity):
            return None
        return support_panel(user, activity, found_by.followed_in(activity), reads=False)
    supports, figures = found_by.open_supports(activity)
    panel = support_panel(user, activity, figures, reads=True)
    quick = quick_form_of(user, activity, supports)
    if quick is None:
        return panel
    record_own_codes(
        by=user,
        own=own_bodies(user),
        page="beneficiaries:supports",
        subjects=quick.shown,
        activity=activity,
        at=clock.now(),
    )
    return replace(panel, form=quick.form, form_title=_("Record an intervention"))
