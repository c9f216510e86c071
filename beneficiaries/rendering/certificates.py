# SPDX-License-Identifier: EUPL-1.2
"""Certificates of attendance and of guidance, one page each, as tagged and archivable PDF. Each carries a full name.

A certificate of guidance says for how long, in how many interventions and between which days: not what for, not what
came of it, nor the title of the activity, which may tell what the person was in need of.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.models import Activity
from beneficiaries.models import Certificate, Enrolment
from beneficiaries.rendering.register_sheet import STANDARDS, TEMPLATES, fonts
from beneficiaries.selectors.guidance import Guided, certifies_guidance


@dataclass(frozen=True, repr=False)
class Paper:
    """One certificate with the name that was opened for it. Its `repr` says nothing: it ends up in error reports."""

    enrolment: Enrolment
    certificate: Certificate
    given_name: str
    family_name: str
    guided: Guided | None = None


def certificates_pdf(activity: Activity, papers: Sequence[Paper], *, birth_date: bool, at: datetime) -> bytes:
    """Return the certificates of an activity in the order given, in Italian."""
    with translation.override(settings.LANGUAGE_CODE):
        data = _data(activity, papers, birth_date=birth_date, at=at)
    try:
        return _compiled(data, at, STANDARDS)
    except typst.TypstError:
        # A name in letters that no font here has cannot be archived; the paper is still needed, with empty boxes there.
        pass
    try:
        return _compiled(data, at, [])
    except typst.TypstError:
        # Its message says the text on which it failed: a name.
        raise RuntimeError("the certificates cannot be laid out") from None


def _compiled(data: dict[str, Any], at: datetime, standards: list[Any]) -> bytes:
    return typst.compile(
        TEMPLATES / "certificates.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=standards,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


def _data(activity: Activity, papers: Sequence[Paper], *, birth_date: bool, at: datetime) -> dict[str, Any]:
    programme, body = activity.programme, activity.organisation
    until = min(activity.ends_on, timezone.localdate(at))
    guidance = certifies_guidance(activity)
    facts = [
        (_("Body"), body.name),
        *([(_("Held at"), activity.venue.name)] if activity.venue else []),
        (_("Period"), f"{activity.starts_on:%d/%m/%Y} – {until:%d/%m/%Y}"),
    ]
    codes = [
        _("Project %(code)s") % {"code": programme.project_code} if programme.project_code else "",
        f"CUP {programme.cup}" if programme.cup else "",
    ]
    return {
        "language": settings.LANGUAGE_CODE,
        "title": _("Certificate of guidance") if guidance else _("Certificate of attendance"),
        "activity": "" if guidance else activity.title,
        "programme": programme.title,
        "visibility": programme.visibility_text,
        "codes": [code for code in codes if code],
        "place": body.municipality.name if body.municipality else "",
        "papers": [
            {
                "number": _("No. %(number)s") % {"number": paper.certificate.code},
                "name": f"{paper.given_name} {paper.family_name}",
                "birth": _("Date of birth: %(day)s") % {"day": f"{paper.enrolment.beneficiary.birth_date:%d/%m/%Y}"}
                if birth_date
                else "",
                "attended": _attended(paper),
                "facts": _guided(body.name, paper.guided) if paper.guided else facts + _reached(paper.enrolment),
                "day": f"{paper.certificate.issued_on:%d/%m/%Y}",
            }
            for paper in papers
        ],
        "words": {
            "certifies": _("It is certified that"),
            "place": _("Place"),
            "date": _("Date"),
            "signature": _("Signature and stamp of the body"),
            "emblem": _("Space for the emblem of the European Union"),
            "ministry": _("Space for the logo of the Ministry"),
            "region": _("Space for the logo of the Region"),
        },
    }


def _attended(paper: Paper) -> str:
    certificate = paper.certificate
    if paper.guided is None:
        return _("attended %(hours)s of the %(held)s held of the activity") % {
            "hours": hours_in_words(certificate.minutes),
            "held": hours_in_words(certificate.minutes_held),
        }
    return ngettext(
        "received %(hours)s of guidance and support, in %(number)s intervention",
        "received %(hours)s of guidance and support, in %(number)s interventions",
        certificate.interventions,
    ) % {"hours": hours_in_words(certificate.minutes), "number": certificate.interventions}


def _guided(body: str, guided: Guided) -> list[tuple[str, str]]:
    """Say who guided and between which days: neither the place nor the level of Italian is of such a paper."""
    return [(_("Body"), body), (_("Period"), f"{guided.first_on:%d/%m/%Y} – {guided.last_on:%d/%m/%Y}")]


def _reached(enrolment: Enrolment) -> list[tuple[str, str]]:
    """Say the level at the end, and the paper that attests it, where they are recorded."""
    rows = []
    if enrolment.exit_level:
        rows.append((_("Level of Italian reached"), enrolment.get_exit_level_display()))
    if enrolment.certificate_on:
        paper = [enrolment.certificate_body]
        if enrolment.certificate_number:
            paper.append(_("No. %(number)s") % {"number": enrolment.certificate_number})
        rows.append((_("Certificate of the level"), ", ".join([*paper, f"{enrolment.certificate_on:%d/%m/%Y}"])))
    return [(str(term), str(value)) for term, value in rows]


def hours_in_words(minutes: int) -> str:
    """Return minutes as people say hours: "20 h", "20 h 30 min"."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if rest else f"{whole} h"
