# SPDX-License-Identifier: EUPL-1.2
"""The partners app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Configuration of the app."""

    name = "partners"

    def ready(self) -> None:
        """Put the pages in the menu; name the acts on bodies, networks and roles."""
        from accounts.permissions import Permission
        from fami_portal.core import audit, nav
        from partners.permissions import holds, memberships_of

        def has_a_role(user: object) -> bool:
            return bool(memberships_of(user))

        def manages_people(user: object) -> bool:
            return holds(user, Permission.MANAGE_MEMBERSHIPS)

        nav.register(nav.NavItem(_("Networks"), "partners:networks", order=80, predicate=has_a_role))
        nav.register(nav.NavItem(_("Bodies"), "partners:organisations", order=81, predicate=has_a_role))
        nav.register(nav.NavItem(_("People and roles"), "partners:people", order=82, predicate=manages_people))
        audit.register_verbs(
            {
                "organisation_registered": _("Body registered"),
                "organisation_changed": _("Facts corrected"),
                "network_registered": _("Network registered"),
                "network_changed": _("Facts corrected"),
                "network_parent_set": _("Coordination changed"),
                "network_member_added": _("A body entered the network"),
                "network_member_ended": _("A body left the network"),
                "membership_granted": _("Role given"),
                "membership_ended": _("Role ended"),
                "invitation_sent": _("Invitation sent"),
                "invitation_revoked": _("Invitation revoked"),
                "invitation_accepted": _("Invitation accepted"),
            }
        )
