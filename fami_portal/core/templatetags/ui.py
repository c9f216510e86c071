# SPDX-License-Identifier: EUPL-1.2
"""The components of the interface as template tags; each template of `templates/components/` says its purpose."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core import clock, forms
from fami_portal.core.components import Bar, Button, ChartTable, Column, Lines, Link, Pill

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "sm", css: str = "") -> SafeString:
    """Draw an icon of the design system (`it-…`); it is decoration, hidden from screen readers."""
    return format_html(
        '<svg class="icon icon-{} {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        css,
        static("bootstrap-italia/svg/sprites.svg"),
        name,
    )


@register.inclusion_tag("components/page_title.html")
def page_title(title: Any, lead: Any = "", kicker: Any = "", pill: Pill | None = None) -> dict[str, Any]:
    """The one h1 of a page, with an optional line above, line below and status."""
    return {"title": title, "lead": lead, "kicker": kicker, "pill": pill}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(crumbs: Iterable[Any]) -> dict[str, Any]:
    """The way back: `Link`s, or pairs (label, address), or a bare label for the open page."""
    links = [
        crumb if isinstance(crumb, Link) else Link(*crumb) if isinstance(crumb, list | tuple) else Link(crumb, "")
        for crumb in crumbs
    ]
    return {"crumbs": links}


@register.inclusion_tag("components/status_pill.html")
def status_pill(label: Any, colour: str = "secondary") -> dict[str, Any]:
    """A state in words, with a colour that only repeats them."""
    return {"label": label, "colour": colour}


@register.inclusion_tag("components/alert.html")
def alert(text: Any, kind: str = "info", heading: Any = "", link: Link | None = None, live: bool = False) -> dict:
    """A message inside the page; `live` has it read out when it appears."""
    return {"text": text, "kind": kind, "heading": heading, "link": link, "live": live}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: Any, text: Any, url: str = "", button: Any = "") -> dict[str, Any]:
    """What to do next where there is nothing yet."""
    return {"title": title, "text": text, "url": url, "button": button}


@register.inclusion_tag("components/definition_list.html")
def definition_list(rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Facts of one thing: rows of (term, value) or (term, value, `Link` to change it)."""
    return {"rows": [{"term": row[0], "value": row[1], "link": row[2] if len(row) > 2 else None} for row in rows]}


@register.inclusion_tag("components/table.html", takes_context=True)
def table(
    context: Any,
    caption: Any,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    page: Page | None = None,
    caption_hidden: bool = False,
    empty: Any = "",
    foot: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """A table of values with its pager; rows become labelled blocks on a phone.

    Cells may be text, numbers, dates, `Link`, `Pill`, `Bar`, `Lines` or None. `foot` is one row of totals.
    """
    return {
        "caption": caption,
        "caption_hidden": caption_hidden,
        "columns": columns,
        "rows": [list(zip(columns, row, strict=True)) for row in rows],
        "foot": list(zip(columns, foot, strict=True)) if foot else None,
        "page": page,
        "empty": empty,
        "request": context.get("request"),
    }


@register.simple_tag
def cell(value: Any) -> Any:
    """Show one value of a table or of a list of facts, by its kind."""
    match value:
        case None | "":
            return format_html('<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>', _("none"))
        case Link():
            hidden = format_html('<span class="visually-hidden"> {}</span>', value.hidden) if value.hidden else ""
            return format_html('<a href="{}">{}{}</a>', value.url, value.label, hidden)
        case Pill():
            return render_to_string("components/status_pill.html", {"label": value.label, "colour": value.colour})
        case Bar():
            return render_to_string(
                "components/progress.html", progress(value.value, value.target, value.label, value.text)
            )
        case Lines():
            if not value.second:
                return cell(value.main)
            second = cell(value.second) if isinstance(value.second, Link | Pill) else value.second
            return format_html('{}<span class="d-block small text-secondary">{}</span>', cell(value.main), second)
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        case date():
            return formats.date_format(value, "SHORT_DATE_FORMAT")
        case int() | float() | Decimal():
            return number(value)
    return value


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    """Write a number in the language of the page, thousands grouped."""
    if value is None or value == "":
        return ""
    if decimals is None and isinstance(value, float | Decimal):
        decimals = 0 if value == int(value) else 1
    return formats.number_format(value, decimals, use_l10n=True, force_grouping=True)


@register.filter
def hours(minutes: int | None) -> str:
    """Write whole minutes as hours: 90 becomes “1 h 30”."""
    if minutes is None:
        return ""
    whole, rest = divmod(int(minutes), 60)
    return f"{number(whole)} h {rest:02d}" if rest else f"{number(whole)} h"


@register.filter
def file_size(size: int) -> str:
    """Write a size in bytes as people say it."""
    if size < 1024 * 1024:
        return _("%(size)s kB") % {"size": number(max(1, round(size / 1024)))}
    return _("%(size)s MB") % {"size": number(size / 1024 / 1024, 1)}


@register.filter
def error_lines(form: Any) -> list[forms.ErrorLine]:
    """The lines of the error summary of any form."""
    return forms.error_lines(form)


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Page) -> dict[str, Any]:
    """The pages of a list; keeps the filters of the address."""
    elided = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "numbers": [number if isinstance(number, int) else None for number in elided],
        "request": context.get("request"),
    }


FIELDS_UNFOLDED = 2


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(
    context: Any, form: Any, count: int | None = None, exports: Iterable[Link] = (), noun: Any = ""
) -> dict[str, Any]:
    """The filters of a list (a GET form, also of django-filter), the count of results, what can be exported."""
    request = context.get("request")
    names = {form.add_prefix(name) for name in form.fields}
    given = [name for name, value in request.GET.items() if name in names and value] if request else []
    return {
        "form": form,
        "count": count,
        "exports": list(exports),
        # The names of lists are plural.
        "noun": gettext_lazy("result") if count == 1 else noun or gettext_lazy("results"),
        "active": len(given),
        # On a narrow screen more than these would stand above the list whole.
        "folds": sum(not field.widget.is_hidden for field in form.fields.values()) > FIELDS_UNFOLDED,
        "path": request.path if request else "",
        "request": request,
    }


@register.inclusion_tag("components/action_bar.html", takes_context=True)
def action_bar(context: Any, buttons: Iterable[Button], more: Iterable[Button] = ()) -> dict[str, Any]:
    """What can be done here; what cannot is explained in words. `more` is seldom needed: folded under one word."""
    buttons = list(buttons)
    return {
        "more": list(more),
        "buttons": [button for button in buttons if not button.disabled_reason],
        "refused": [button for button in buttons if button.disabled_reason],
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("components/progress.html")
def progress(value: float, target: float, label: Any, text: Any = "") -> dict[str, Any]:
    """How far a figure is from its target: a bar and the same in words."""
    share = 100 * value / target if target else 0
    return {
        "label": label,
        "text": text
        or _("%(value)s of %(target)s (%(share)s%%)")
        % {"value": number(value), "target": number(target), "share": number(int(share))},
        "share": int(share),
        "width": max(0, min(100, int(share))),
    }


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any], heading: Any = "") -> dict[str, Any]:
    """The history of a thing, newest first: `Entry` values."""
    return {"entries": list(entries), "heading": heading}


@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Iterable[Any]) -> dict[str, Any]:
    """What is to be done, each with its state in words: `Task` or `nav.Waiting` values."""
    today = clock.today()
    return {"tasks": [{"task": task, "late": bool(task.due and task.due < today)} for task in tasks]}


@register.inclusion_tag("components/chart.html", takes_context=True)
def chart(
    context: Any, caption: Any, svg: str, data: ChartTable, identifier: str, open_table: bool = False, note: Any = ""
) -> dict[str, Any]:
    """A picture drawn on the server (trusted SVG markup) with the table of its figures."""
    return {
        "caption": caption,
        "svg": mark_safe(svg),  # noqa: S308  drawn by our own templates, never by what people type
        "data": data,
        "identifier": identifier,
        "open_table": open_table,
        "note": note,
        "request": context.get("request"),
    }
