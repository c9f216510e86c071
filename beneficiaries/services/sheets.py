# SPDX-License-Identifier: EUPL-1.2
"""Writes on what the official sheets ask beside the recipient (domain reference, sections 3.2, 3.3 and 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import Sheet
from beneficiaries.enums import OperatorTraining
from beneficiaries.models import Beneficiary, OperatorSheet, ThirdCountrySheet
from beneficiaries.permissions import asks_no_papers, check_can_change_beneficiary
from beneficiaries.selectors.sheets import sheets_of, specifics_problem, support_began
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.enums import Nature
from partners.models import EducationTitle, OriginWork, TargetSpecific

MOST_SPECIFICS = 3
_SPECIFICS = ("first_specific", "second_specific", "third_specific")


@dataclass(frozen=True, repr=False)
class ThirdCountryFacts:
    """What the sheet of third-country nationals asks. Its `repr` says nothing."""

    specifics: Sequence[TargetSpecific] = ()
    education: EducationTitle | None = None
    origin_work: OriginWork | None = None
    permit_note: str = ""


@dataclass(frozen=True, repr=False)
class OperatorFacts:
    """What the sheet of operators asks. Its `repr` says nothing."""

    employer: str
    nature: str
    trainings: Sequence[str]
    public_body: str = ""


SheetFacts = ThirdCountryFacts | OperatorFacts


def write_sheet(*, beneficiary: Beneficiary, facts: SheetFacts, by: Any, at: datetime, version: int = 0) -> None:
    """Write what the sheet of a recipient's group asks; `version` is that of the sheet that was read, 0 for none yet.

    Raises `NotPermitted` for another body; `StaleError`; `DomainError` while the processing is restricted, and at the
    field: a group without such a sheet, a school (which asks nothing of this), conditions that are more than three or
    contradict the age at the start of the support, an operator without body or training.
    """
    with acting(by):
        locked = (
            Beneficiary.objects.select_for_update(of=("self",))
            .select_related("registered_by", "target_group")
            .get(pk=beneficiary.pk)
        )
        if by is not None:
            check_can_change_beneficiary(by, locked)
        check_can_work_on(locked)
        values = check_facts(locked, facts, on=support_began(locked, timezone.localdate(at)))
        model: Any = ThirdCountrySheet if isinstance(facts, ThirdCountryFacts) else OperatorSheet
        kept = model.objects.filter(beneficiary=locked).first()
        if (kept.version if kept else 0) != version:
            raise StaleError
        if kept is None:
            kept = model(beneficiary=locked, version=0)
        elif all(getattr(kept, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(kept, name, value)
        kept.version += 1
        kept.save()
        record_event(by=by, verb="sheet_written", target=locked, on_behalf_of=locked.registered_by, at=at)


def write_facts(*, beneficiary: Beneficiary, facts: SheetFacts, on: date, by: Any) -> None:
    """Write the sheet of a recipient just registered, inside the act that registers it; `on` is the first day.

    Raises as `check_facts`.
    """
    values = check_facts(beneficiary, facts, on=on)
    with acting(by):
        if isinstance(facts, ThirdCountryFacts):
            ThirdCountrySheet.objects.create(beneficiary=beneficiary, **values)
        else:
            OperatorSheet.objects.create(beneficiary=beneficiary, **values)


def check_facts(beneficiary: Beneficiary, facts: SheetFacts, *, on: date) -> dict[str, Any]:
    """Return the values of the row that the facts make; raises `DomainError` at the field (see `write_sheet`).

    `on` is the first day of the support.
    """
    sheet = Sheet.THIRD_COUNTRY if isinstance(facts, ThirdCountryFacts) else Sheet.OPERATORS
    if beneficiary.target_group.sheet != sheet and sheet not in sheets_of(beneficiary):
        raise DomainError(_("The group of this recipient does not fill this sheet."), field="target_group")
    if isinstance(facts, OperatorFacts):
        return _operator_values(facts)
    if asks_no_papers(beneficiary.registered_by):
        raise DomainError(_("A school does not ask for these facts: leave them to the partner."), field="target_group")
    specifics = list(facts.specifics)
    if len({one.pk for one in specifics}) < len(specifics) or len(specifics) > MOST_SPECIFICS:
        raise DomainError(_("Choose at most three conditions, all different."), field="specifics")
    problem = specifics_problem([one.code for one in specifics], birth_date=beneficiary.birth_date, on=on)
    if problem:
        raise DomainError(problem, field="specifics")
    specifics.sort(key=lambda one: (one.position, one.pk))
    padded = [*specifics, *[None] * (MOST_SPECIFICS - len(specifics))]
    return dict(zip(_SPECIFICS, padded, strict=True)) | {
        "education": facts.education,
        "origin_work": facts.origin_work,
        "permit_note": " ".join(facts.permit_note.split()),
    }


def _operator_values(facts: OperatorFacts) -> dict[str, Any]:
    employer, public_body = " ".join(facts.employer.split()), " ".join(facts.public_body.split())
    if not employer:
        raise DomainError(_("Write for which body the person works."), field="employer")
    if facts.nature not in Nature.values:
        raise DomainError(_("Say whether this body is public or private."), field="nature")
    if public_body and facts.nature != Nature.PRIVATE:
        raise DomainError(
            _("Only who works for a private body inside a public one has this field: leave it empty."),
            field="public_body",
        )
    trainings = [code for code in OperatorTraining.values if code in set(facts.trainings)]
    if not trainings or len(trainings) < len(set(facts.trainings)):
        raise DomainError(_("Tick at least one: what was the training about?"), field="trainings")
    return {"employer": employer, "nature": facts.nature, "public_body": public_body, "trainings": trainings}
