# SPDX-License-Identifier: EUPL-1.2
"""When a record of a recipient can be worked on: not while its processing is restricted, never once it is anonymous."""

from django.utils.translation import gettext_lazy as _

from beneficiaries.models import Beneficiary
from fami_portal.core.errors import DomainError


def check_can_work_on(beneficiary: Beneficiary, *, field: str | None = None) -> None:
    """Raise `DomainError` for a record that is restricted or anonymous; the caller has locked it."""
    if beneficiary.anonymised_at is not None:
        raise DomainError(
            _("%(record)s was made anonymous: nobody can be recognised in it. Register the person anew.")
            % {"record": beneficiary.pseudonym},
            field=field,
        )
    if beneficiary.restricted_at is not None:
        raise DomainError(
            _(
                "The processing of %(record)s is restricted, as the person asked: what is written stays and counts, and"
                " nothing new can be written. The data protection officer can lift it."
            )
            % {"record": beneficiary.pseudonym},
            field=field,
        )
