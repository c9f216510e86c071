# SPDX-License-Identifier: EUPL-1.2
"""Any figure opened down to the entries that make it: what, when, by whom, in which report."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.models import Indicator, Period
from actions.permissions import can_on
from fami_portal.core.components import Column, Lines, Link
from partners.permissions import holds
from reporting import permissions
from reporting.enums import FactKind, UnitKind
from reporting.models import Posting, ResultEntry
from reporting.rendering.reading import labelled, quantity
from reporting.selectors import evidence as selectors
from reporting.views.places import open_programme, open_scope, scope_name

PAGE_SIZE = 50


@require_safe
def evidence(request: HttpRequest, slug: str) -> HttpResponse:
    """The entries of one figure as of a posting, each with its fact."""
    programme = open_programme(request, slug, Permission.VIEW_EVIDENCE)
    indicator = get_object_or_404(Indicator, programme=programme, code=request.GET.get("indicator", ""))
    scope = open_scope(programme, request.GET.get("scope", ""))
    if not selectors.can_open(request.user, scope):
        raise PermissionDenied(_("You can open the figures of the networks that you coordinate."))
    posting = _posting(programme.pk, request.GET.get("posting", ""))
    period = None
    if request.GET.get("period"):
        period = get_object_or_404(Period, programme=programme, code=request.GET["period"])
    part = "new" if request.GET.get("part") == "new" and period else "to_date"
    window = selectors.Window(
        period.starts_on if period and part == "new" else None, period.ends_on if period else None
    )
    found = selectors.entries(indicator=indicator, scope=scope, posting_id=posting.pk, window=window)
    totals = selectors.sums(found)
    gross = selectors.gross(indicator=indicator, scope=scope, posting_id=posting.pk, window=window)
    paginator = Paginator(selectors.with_facts(found), PAGE_SIZE)
    paginator.count = totals.entries  # counted together with the sum
    page = paginator.get_page(request.GET.get("page"))
    facts = [
        (_("Figure"), labelled(f"{indicator.code} {indicator.title}", indicator.unit)),
        (_("Place"), scope_name(scope)),
        (_("What it counts"), _part_words(part, period)),
        *_values(quantity(totals.quantity, indicator.unit), gross),
        (_("Entries"), totals.entries),
        (_("Figures as of"), _("posting no. %(number)s of the results ledger") % {"number": posting.number}),
    ]
    crumbs = [Link(_("Home"), reverse("home"))]
    if holds(request.user, Permission.VIEW_DASHBOARD):
        crumbs.append(Link(_("Results"), reverse("reporting:dashboard", args=[programme.slug])))
    crumbs.append(Link(_("Evidence of a figure"), ""))
    return render(
        request,
        "reporting/evidence.html",
        {
            "programme": programme,
            "indicator": indicator,
            "facts": facts,
            "page": page,
            "columns": _columns(),
            "rows": _rows(request.user, list(page), indicator),
            "crumbs": crumbs,
        },
    )


def _values(unique: str, gross: int | None) -> list[tuple[Any, Any]]:
    """The figure, beside its gross where it counts persons of several places."""
    if gross is None:
        return [(_("Value"), unique)]
    return [(_("Unique"), unique), (_("Gross: sum of the parts"), gross)]


def _posting(programme_id: int, text: str) -> Posting:
    """Return the posting named in the address, or the last one."""
    postings = Posting.objects.filter(programme=programme_id).order_by("-number")
    found = (postings.filter(number=int(text)) if text.isdigit() and len(text) < 15 else postings).first()
    if found is None:
        raise Http404
    return found


def _part_words(part: str, period: Period | None) -> str:
    if period is None:
        return _("from the start of the programme to the last posting")
    if part == "new":
        return _("new in the period %(period)s") % {"period": period}
    return _("from the start of the programme to the end of %(period)s") % {"period": period}


def _columns() -> list[Column]:
    return [
        Column(_("What is counted")),
        Column(_("Happened on"), nowrap=True),
        Column(_("Booked on"), nowrap=True),
        Column(_("Proved by")),
        Column(_("Body and network")),
        Column(_("Report")),
        Column(_("Counts"), numeric=True),
    ]


def _rows(user: Any, entries: list[ResultEntry], indicator: Indicator) -> list[list[Any]]:
    units = selectors.units_of(entries)
    seen = selectors.mediation_seen(user, entries)
    undecided = selectors.undecided(entries)
    return [
        [
            _counted(_unit(units.get((entry.unit_kind, entry.unit_id)), entry, seen), entry, undecided),
            entry.achieved_on,
            entry.booked_on,
            _proof(user, entry),
            Lines(entry.fact.organisation.name, entry.fact.network.name),
            _report(user, entry, seen),
            quantity(entry.quantity * entry.sign, indicator.unit),
        ]
        for entry in entries
    ]


def _counted(words: Any, entry: ResultEntry, undecided: set[int]) -> Any:
    """The person, and that another record counts with it while nobody has decided."""
    if entry.unit_kind != UnitKind.PERSON or entry.unit_id not in undecided:
        return words
    return Lines(words, _("a pair to be clarified"))


def _unit(unit: Any, entry: ResultEntry, seen: dict[tuple[str, int], Any]) -> Any:
    """The thing counted: people by pseudonym alone, without a way to their record; mediators by a code."""
    kind = UnitKind(entry.unit_kind)
    if unit is None:
        return kind.label
    match kind:
        case UnitKind.MEDIATOR:
            return _("mediator %(code)s") % {"code": unit.uuid.hex[:6].upper()}
        case UnitKind.SESSION | UnitKind.PRESENCE | UnitKind.CONSULTATION | UnitKind.TRANSLATION:
            words = _("%(what)s, %(day)s") % {"what": kind.label, "day": f"{entry.achieved_on:%d/%m/%Y}"}
            source = seen.get((entry.fact.source_type, entry.fact.source_id))
            own_page = unit if kind == UnitKind.SESSION else source
            return words if source is None else _link(words, own_page)
    return unit_link(unit, kind)


def unit_link(unit: Any, kind: UnitKind) -> Any:
    """Name a thing that a register shows, with the way to its page; persons by pseudonym alone."""
    if unit is None:
        return kind.label
    match kind:
        case UnitKind.PERSON:
            return unit.pseudonym
        case UnitKind.MEETING:
            words = _("meeting of %(day)s") % {"day": f"{unit.held_on:%d/%m/%Y}"}
            return _link(words, unit)
        case UnitKind.INTERVENTION | UnitKind.CONTACT:
            return _("%(what)s, %(day)s") % {"what": kind.label, "day": f"{unit.held_on:%d/%m/%Y}"}
        case UnitKind.MEASURE:
            day = f"{unit.measured_on:%d/%m/%Y}"
            return _("%(content)s, value of %(day)s") % {"content": unit.campaign.title, "day": day}
        case UnitKind.ORGANISATION | UnitKind.NETWORK:
            return unit.name
    return unit.title


def _proof(user: Any, entry: ResultEntry) -> Any:
    """The activity of the fact, and what the fact says."""
    fact = entry.fact
    seen = can_on(
        user,
        Permission.VIEW_ACTIVITIES,
        programme_id=fact.programme_id,
        network_id=fact.network_id,
        organisation_id=fact.organisation_id,
    )
    title = _link(fact.activity.title, fact.activity) if seen else fact.activity.title
    words = str(FactKind(fact.kind).label)
    # Days and minutes of a person would join the pseudonym of this page to the rows of an evaluator's extract.
    if fact.kind == FactKind.ATTENDANCE and permissions.sees_small_numbers(user, fact.programme_id):
        words = _("%(meetings)s meetings, %(hours)s, from %(first)s to %(last)s") % {
            "meetings": fact.meetings,
            "hours": quantity(fact.minutes, "hours"),
            "first": f"{fact.first_on:%d/%m/%Y}",
            "last": f"{fact.last_on:%d/%m/%Y}",
        }
    elif fact.report_id is None:
        words = _("%(what)s, %(hours)s") % {"what": words, "hours": quantity(fact.minutes, "hours")}
    return Lines(title, words)


def _report(user: Any, entry: ResultEntry, seen: dict[tuple[str, int], Any]) -> Any:
    report = entry.fact.report
    if report is None:
        source = seen.get((entry.fact.source_type, entry.fact.source_id))
        words = _("Report of the mediation")
        return words if source is None else _link(getattr(source, "number", "") or words, source)
    words = str(report.period)
    seen = can_on(
        user,
        Permission.VIEW_ACTIVITY_REPORTS,
        programme_id=report.programme_id,
        network_id=report.network_id,
        organisation_id=report.organisation_id,
    )
    return Link(words, report.get_absolute_url(), hidden=entry.fact.organisation.name) if seen else words


def _link(words: str, thing: Any) -> Any:
    """A link to the page of a thing, where the portal has one."""
    try:
        return Link(words, thing.get_absolute_url())
    except NoReverseMatch:
        return words
