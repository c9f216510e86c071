# SPDX-License-Identifier: EUPL-1.2
"""The life of an import."""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.enums import ImportState
from fami_portal.core.workflow import Workflow, register, transitions

_PORTAL = _("the portal")
_PERSON = _("who imports the file")
_NOBODY = _("nobody")
S = ImportState

IMPORT = register(
    Workflow(
        entity="core.importrun",
        states=ImportState,
        initial=S.CHECKING,
        owners={
            S.CHECKING: _PORTAL,
            S.READY: _PERSON,
            S.REFUSED: _PERSON,
            S.WRITING: _PORTAL,
            S.DONE: _NOBODY,
            S.FAILED: _PERSON,
            S.CANCELLED: _NOBODY,
        },
        colours={
            S.CHECKING: "info",
            S.READY: "warning",
            S.REFUSED: "danger",
            S.WRITING: "info",
            S.DONE: "success",
            S.FAILED: "danger",
            S.CANCELLED: "secondary",
        },
        transitions=transitions(
            ("approve", {S.CHECKING}, S.READY, _("Checked, without problems"), False),
            ("refuse", {S.CHECKING}, S.REFUSED, _("Checked, with problems"), False),
            ("confirm", {S.READY}, S.WRITING, _("Confirmed"), False),
            # The data changed after the check in a way that alters what the rows do: nothing was written.
            ("recheck", {S.WRITING}, S.CHECKING, _("To be checked again"), False),
            ("finish", {S.WRITING}, S.DONE, _("Written"), False),
            ("fail", {S.CHECKING, S.WRITING}, S.FAILED, _("Stopped"), False),
            ("cancel", {S.CHECKING, S.READY, S.WRITING}, S.CANCELLED, _("Given up"), False),
        ),
    )
)
