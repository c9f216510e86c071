# SPDX-License-Identifier: EUPL-1.2
"""What stands against the exit of a body from a network: persons followed and contacts of desks after that day."""

from datetime import date

from django.db.models import Max

from actions.selectors.partner_pages import work_after
from beneficiaries.models import DeskContact, Intervention
from partners.models import NetworkMember


def problem_of_exit(stay: NetworkMember, left_on: date) -> str | None:
    """Return why a body cannot leave a network on a day: an intervention or a contact of its desk after it. Two queries."""
    own = {"network": stay.network_id, "organisation": stay.organisation_id}
    rows = (
        Intervention.objects.filter(
            **{f"support__activity__{name}": value for name, value in own.items()}, held_on__gt=left_on
        ),
        DeskContact.objects.filter(**{f"activity__{name}": value for name, value in own.items()}, held_on__gt=left_on),
    )
    days = [last for found in rows if (last := found.aggregate(last=Max("held_on"))["last"]) is not None]
    return work_after(max(days)) if days else None
