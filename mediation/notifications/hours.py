# SPDX-License-Identifier: EUPL-1.2
"""The warning that the hours of an account are nearly used up. It names the body or the network, never people."""

from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.models import HourAccount
from mediation.notifications.recipients import coordinators, people_of
from mediation.selectors.hours import in_hours, owner_of, purpose_of


def nearly_used(account: HourAccount, percent: int) -> list[Draft]:
    """Tell those who grant the hours, and the contacts of the body whose they are.

    The key holds the hours granted: an account that swings around its warning share warns once, and again only when
    hours have been granted, or moved away, in between.
    """
    people = coordinators(
        programme_id=account.programme_id, network_id=account.network_id, permission=Permission.MANAGE_HOUR_ACCOUNTS
    )
    if account.organisation_id is not None:
        people = people + people_of(
            roles=roles_with(Permission.FILE_MEDIATION_REQUESTS),
            scope=Scope.BODY,
            organisation_id=account.organisation_id,
        )
    words = {
        "owner": owner_of(account),
        "purpose": purpose_of(account),
        "percent": percent,
        "left": in_hours(account.available),
    }
    subject = _("Hours of mediation nearly used up: %(owner)s") % words
    body = (
        _(
            "More than %(percent)s%% of the hours of %(owner)s are reserved or consumed (%(purpose)s). %(left)s are left."
            " Open the account to see for what they went."
        )
        % words
    )
    return [
        Draft(
            key=f"hours_nearly_used:{account.pk}:{account.granted}:{person.pk}",
            kind="hours_nearly_used",
            recipient=person,
            subject=subject,
            body=body,
            url=account.get_absolute_url(),
        )
        for person in {person.pk: person for person in people}.values()
    ]
