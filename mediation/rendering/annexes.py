# SPDX-License-Identifier: EUPL-1.2
"""The sheets of the mediation service as tagged, archivable PDF: A.1 and A.3 (what was asked), A.2 and A.4 (the report),
and the same report to be filled in by hand where there is no signal.

They declare PDF/UA-1 and PDF/A-3a, bear the visibility block of their programme, and are made when they are asked for.
"""

import json
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.components import Lines, Link
from mediation.enums import AuthorisationMethod, SessionState, SignerRole
from mediation.models import InterventionReport, MediationRequest, MediationSession, PaperSheet
from mediation.selectors import request_facts
from mediation.selectors.report_facts import facts_of, title_of_report
from mediation.selectors.reports import is_service, signatures_of
from mediation.selectors.request_rules import hours
from mediation.selectors.session_pages import sessions_of, signature_line, when_of
from mediation.selectors.sheets import QR_PREFIX

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
STANDARDS = ["a-3a", "ua-1"]


def request_sheet(request: MediationRequest, *, with_case: bool, with_judicial: bool) -> bytes:
    """Return A.1 or A.3 as filled in; without the case for those who may not read it."""
    with translation.override(settings.LANGUAGE_CODE):
        data = _frame(request, _request_title(request))
        data["blocks"] = [
            block(part.title, [fact[:2] for fact in part.facts])
            for part in request_facts.blocks(request, with_case=with_case, with_judicial=with_judicial)
        ]
        data["blocks"].insert(0, block(_("Request"), _about(request)))
        if with_case:
            data["signatures"] = _authorisation(request)
    return compiled(data, request.submitted_at or request.created_at)


def report_sheet(user: Any, request: MediationRequest, report: InterventionReport) -> bytes:
    """Return A.2 or A.4 as filed, with its signatures, for a person who reads the case."""
    with translation.override(settings.LANGUAGE_CODE):
        data = _frame(request, _report_title(request))
        data["blocks"] = [
            block(_("Request"), _about(request)),
            block(title_of_report(request), facts_of(user, request, report)),
        ]
        data["sessions"] = _sessions(request)
        data["signatures"] = [_signature(row) for row in signatures_of(report)]
    return compiled(data, report.filed_at or request.state_since or request.created_at)


def paper_sheet(session: MediationSession, sheet: PaperSheet) -> bytes:
    """Return A.2 or A.4 to be filled in by hand: what is known is printed, the QR code finds its session again."""
    request = session.request
    with translation.override(settings.LANGUAGE_CODE):
        data = _frame(request, _report_title(request))
        data["blocks"] = [
            block(
                _("Request"),
                [
                    (_("Session planned"), when_of(session.planned_from, session.planned_until)),
                    (_("Mediator"), session.mediator.name),
                    (_("Languages"), request_facts.languages_in_words(request)),
                    (_("Types of intervention"), request_facts.interventions_in_words(request.interventions)),
                ],
            )
        ]
        data["blanks"] = _blanks(request)
        data["signatures"] = [_unsigned(role) for role in (SignerRole.MEDIATOR, SignerRole.REQUESTER)]
        data["note"] = _(
            "Fill it in by hand and sign it, both. Then photograph the whole sheet and upload the picture in the portal: "
            "the code finds its session."
        )
        data["code"] = printed_code(sheet.code)
        data["qr"] = _qr(sheet.code)
    return compiled(data, sheet.printed_at)


def printed_code(code: str) -> str:
    """Write a code as it is printed, in groups of four."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _qr(code: str) -> str:
    picture = BytesIO()
    segno.make(QR_PREFIX + code, error="q").save(picture, kind="svg", border=2, xmldecl=False, svgns=True)
    return picture.getvalue().decode()


def _request_title(request: MediationRequest) -> str:
    return request.get_kind_display()


def _report_title(request: MediationRequest) -> str:
    if is_service(request):
        return _("Annex A.4 – Report of the intervention, services")
    if request.kind == MediationRequestKind.FACILITATION:
        return _("Report of the language facilitation")
    return _("Annex A.2 – Report of the intervention, schools")


def _frame(request: MediationRequest, title: str) -> dict[str, Any]:
    return frame(request.programme, title=title, number=request.number, body=request.organisation.name)


def frame(programme: Programme, *, title: str, number: str, body: str) -> dict[str, Any]:
    """Return a sheet without content: heading, visibility block of the programme, words of the template."""
    codes = [
        _("Project %(code)s") % {"code": programme.project_code} if programme.project_code else "",
        f"CUP {programme.cup}" if programme.cup else "",
    ]
    return {
        "language": settings.LANGUAGE_CODE,
        "title": title,
        "number": number,
        "body": body,
        "programme": programme.title,
        "visibility": programme.visibility_text,
        "codes": [code for code in codes if code],
        "note": "",
        "blocks": [],
        "sessions": {"title": "", "columns": [], "rows": []},
        "blanks": [],
        "signatures": [],
        "qr": "",
        "code": "",
        "words": {
            "emblem": _("Space for the emblem of the European Union"),
            "ministry": _("Space for the logo of the Ministry"),
            "region": _("Space for the logo of the Region"),
            "page": _("page"),
            "of": _("of"),
            "signatures": _("Signatures"),
            "by-hand": _("To be filled in by hand"),
            "fingerprint": _("Fingerprint of what was signed:"),
            "qr": _("QR code of this sheet"),
        },
    }


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return in_words(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case Lines():
            return "\n".join(part for part in (_text(value.main), _text(value.second)) if part)
        case Link():
            return str(value.label)
    return str(value)


def block(title: Any, rows: Any) -> dict[str, Any]:
    """Return a part of a sheet: its title, its pairs of term and value."""
    return {"title": str(title), "rows": [[str(row[0]), _text(row[1])] for row in rows]}


def _about(request: MediationRequest) -> list[tuple[Any, Any]]:
    return [
        (_("Network"), request.network.name),
        (_("Submitted on"), in_words(request.submitted_at)),
        (_("State"), request.get_state_display()),
    ]


def in_words(value: datetime | None) -> str:
    """Return a moment as a sheet writes it, in Italy."""
    return f"{timezone.localtime(value):%d/%m/%Y %H:%M}" if value is not None else ""


def _authorisation(request: MediationRequest) -> list[dict[str, str]]:
    if request.authorised_at is None or request.authorisation == AuthorisationMethod.NOT_NEEDED:
        return []
    return [
        {
            "role": _("Authorised by the head"),
            "name": request.authorised_name or "–",
            "method": request.get_authorisation_display(),
            "at": in_words(request.authorised_at),
            "fingerprint": "",
        }
    ]


def _sessions(request: MediationRequest) -> dict[str, Any]:
    rows = []
    for row in sessions_of(request):
        if row.state == SessionState.CANCELLED:
            continue
        held = row.state == SessionState.HELD
        present = _("%(parents)s parents, %(pupils)s pupils, %(operators)s operators") % {
            "parents": row.parents,
            "pupils": row.pupils,
            "operators": row.operators,
        }
        rows.append(
            [
                when_of(row.actual_from or row.planned_from, row.actual_until or row.planned_until),
                row.mediator.name,
                hours(row.minutes or 0) if held else "–",
                f"{row.break_minutes} min" if held else "–",
                f"{row.travel_minutes} min" if held else "–",
                (f"{row.get_outcome_display()}; {present}" if held else str(row.get_absent_display()))
                + (f"; {row.language.name}" if row.language is not None else ""),
            ]
        )
    columns = [_("When"), _("Mediator"), _("Time that counts"), _("Break"), _("Travel"), _("How it went")]
    return {"title": _("Sessions"), "columns": columns, "rows": rows}


def _signature(row: Any) -> dict[str, str]:
    line = signature_line(row)
    return {
        "role": str(line["role"]),
        "name": line["name"],
        "method": line["method"],
        "at": in_words(line["at"]),
        "fingerprint": row.content_sha256,
    }


def _unsigned(role: SignerRole) -> dict[str, str]:
    return {"role": str(role.label), "name": "", "method": "", "at": "", "fingerprint": ""}


def _blanks(request: MediationRequest) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [_("Day, from, until"), 1],
        [_("Minutes of break, of travel"), 1],
        [_("Parents, pupils, operators present"), 1],
        [_("Teacher or operator who was there"), 1],
        [_("Language spoken"), 1],
        [_("Summary of the intervention"), 4],
        [_("How well people understood one another (1 to 5)"), 1],
        [_("Needs that emerged"), 1],
        [_("What comes next"), 1],
    ]
    if is_service(request):
        rows.insert(8, [_("Needs, from the list of the programme"), 1])
    return rows


def compiled(data: dict[str, Any], at: datetime) -> bytes:
    """Return a sheet as PDF; the same content and moment give the same bytes."""
    return typst.compile(
        TEMPLATES / "annex.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def fonts() -> Path:
    """Return the folder of the fonts of the design system, which its package carries as TrueType too."""
    package = find_spec("bootstrap_italia_template")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package design-django-theme is not installed")
    return Path(package.submodule_search_locations[0]) / "static" / "fonts" / "Titillium_Web"
