# SPDX-License-Identifier: EUPL-1.2
"""What the acts on reports share: the lock, the refusal with everything that is missing, the signatures."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.models import Document
from mediation.enums import SignatureMethod, SignerRole
from mediation.models import InterventionReport, MediationRequest, Signature
from mediation.selectors.reports import Missing, fingerprint
from mediation.services.requests.common import lock_request


class ReportHasProblemsError(DomainError):
    """The report cannot be filed yet; `problems` holds everything that blocks it."""

    def __init__(self, found: list[Missing]) -> None:
        self.problems = found
        super().__init__(
            _("The report cannot be filed yet: %(reasons)s") % {"reasons": " ".join(row.sentence for row in found)},
            field=found[0].field if found else None,
        )


def lock_report(request: MediationRequest) -> tuple[MediationRequest, InterventionReport]:
    """Take the locks of the request and of its report, and return both as they are now.

    Raises `TransitionNotAllowed` when no report was written yet.
    """
    locked = lock_request(request)
    report = InterventionReport.objects.select_for_update(of=("self",)).filter(request=locked.pk).first()
    if report is None:
        raise TransitionNotAllowed(_("The report has not been written yet."))
    return locked, report


def sign(
    request: MediationRequest,
    report: InterventionReport,
    *,
    role: str,
    method: str,
    by: Any,
    name: str,
    at: datetime,
    document: Document | None = None,
) -> Signature:
    """Write one signature under the present filing. `by` is the signer's own account, or None."""
    return Signature.objects.create(
        report=report,
        attempt=report.attempt,
        role=role,
        method=method,
        signer=by,
        signer_name=name.strip()[:150],
        signed_at=at,
        content_sha256=fingerprint(request, report),
        document=document,
    )


def signed_by(report: InterventionReport, role: str) -> Signature | None:
    """Return the signature of one side under the present filing."""
    return (
        Signature.objects.filter(report=report.pk, attempt=report.attempt, role=role)
        .select_related("document")
        .order_by("pk")
        .first()
    )


def check_unchanged(request: MediationRequest, report: InterventionReport) -> None:
    """Raise `DomainError` when the report or its sessions are no longer what the mediator signed."""
    signature = signed_by(report, SignerRole.MEDIATOR)
    if signature is None or signature.content_sha256 != fingerprint(request, report):
        raise DomainError(_("The report changed after the mediator signed it: it must be opened again and filed anew."))


METHODS_WITHOUT_ACCOUNT = (SignatureMethod.CODE, SignatureMethod.LINK, SignatureMethod.PAPER)
