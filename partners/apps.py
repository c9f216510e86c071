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
        from fami_portal.core.documents import register_document_kind
        from partners.permissions import holds, memberships_of
        from partners.resources import register_imports
        from partners.selectors.deeds import DEED, may_open_deed

        def has_a_role(user: object) -> bool:
            return bool(memberships_of(user))

        def manages_people(user: object) -> bool:
            return holds(user, Permission.MANAGE_MEMBERSHIPS)

        register_imports()
        nav.register_group(nav.NavGroup("networks", _("Networks and people"), order=80))
        for label, address, order, predicate, pages in (
            (
                _("Networks"),
                "partners:networks",
                80,
                has_a_role,
                ("partners:member-*", "partners:deed-*", "partners:territory*"),
            ),
            (_("Bodies"), "partners:organisations", 81, has_a_role, ()),
            (_("People and roles"), "partners:people", 82, manages_people, ()),
        ):
            nav.register(nav.NavItem(label, address, order=order, predicate=predicate, pages=pages, group="networks"))
        register_document_kind(
            DEED, label=_("Deed of a network"), types=("pdf", "p7m", "png", "jpeg"), may_open=may_open_deed
        )
        audit.register_verbs(
            {
                "organisation_registered": _("Body registered"),
                "organisation_changed": _("Facts corrected"),
                "network_registered": _("Network registered"),
                "network_changed": _("Facts corrected"),
                "network_parent_set": _("Coordination changed"),
                "network_member_added": _("A body entered the network"),
                "network_entry_corrected": _("Day of an entry corrected"),
                "network_exit_corrected": _("Day of an exit corrected"),
                "network_member_removed": _("Body taken away: it was never in the network"),
                "network_member_ended": _("A body left the network"),
                "network_lead_changed": _("The lead changed"),
                "network_municipalities_changed": _("Municipalities changed"),
                "network_deed_recorded": _("Deed recorded"),
                "network_deed_changed": _("Deed corrected"),
                "membership_granted": _("Role given"),
                "membership_ended": _("Role ended"),
                "invitation_sent": _("Invitation sent"),
                "invitation_revoked": _("Invitation revoked"),
                "invitation_accepted": _("Invitation accepted"),
            }
        )
