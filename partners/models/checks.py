# SPDX-License-Identifier: EUPL-1.2
"""What one fact of a body says against another, without queries."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from partners.enums import PRIVATE_KINDS, PUBLIC_KINDS, SCHOOL_KINDS, InformalReason, Nature

if TYPE_CHECKING:
    from partners.models.bodies import Organisation


def problems_of(body: "Organisation") -> dict[str, Any]:
    """Return what is wrong with a body, by field; nothing where its facts agree."""
    problems: dict[str, Any] = {}
    if not body.fiscal_code and not body.informal_reason:
        problems["fiscal_code"] = _("Give the tax code, or the reason why there is none.")
    if body.fiscal_code and body.informal_reason:
        problems["informal_reason"] = _("A body with a tax code needs no reason: leave this empty.")
    # A definition may name a public body before anybody has collected its code.
    uncollected = body.informal_reason == InformalReason.NOT_COLLECTED
    if body.informal_reason and body.kind in PUBLIC_KINDS and not uncollected:
        problems["informal_reason"] = _("A public body always has a tax code.")
    if body.kind in SCHOOL_KINDS and not body.school_code and not uncollected:
        problems["school_code"] = _("A school needs its school code, as TOIC81600L.")
    if body.school_code and body.kind and body.kind not in SCHOOL_KINDS:
        problems["school_code"] = _("Only schools have a school code: leave this empty or change the kind.")
    if body.institute_id is not None and body.kind and body.kind not in SCHOOL_KINDS:
        problems["institute"] = _("Only a school is a site of an institute: leave this empty or change the kind.")
    if body.nature == Nature.PRIVATE and body.kind in PUBLIC_KINDS:
        problems["nature"] = _("A body of this kind is public.")
    if body.nature == Nature.PUBLIC and body.kind in PRIVATE_KINDS:
        problems["nature"] = _("A body of this kind is private.")
    return problems
