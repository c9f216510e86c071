# SPDX-License-Identifier: EUPL-1.2
"""Every component with its variants, on one page. Mounted in development and in tests only."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from fami_portal.core.components import COLOURS, Bar, Button, ChartTable, Column, Entry, Lines, Link, Pill, Task
from fami_portal.core.errors import StaleError
from fami_portal.core.forms import PortalFilterForm, PortalForm

SVG = (
    '<svg viewBox="0 0 320 80" width="320" height="80" role="img" aria-labelledby="sample-caption">'
    '<rect x="0" y="8" width="240" height="24" fill="#0066cc"></rect>'
    '<rect x="0" y="48" width="120" height="24" fill="#5b6f82"></rect></svg>'
)


class SampleForm(PortalForm):
    """One field of each kind."""

    submit_label = _("Save")
    cancel_url = "/gallery/"
    title = forms.CharField(label="Titolo del laboratorio", help_text="Come lo leggono le famiglie.", max_length=60)
    held_on = forms.DateField(label="Data")
    starts_at = forms.TimeField(label="Ora di inizio", required=False)
    hours = forms.DecimalField(label="Ore", min_value=0, max_value=12)
    pupils = forms.IntegerField(label="Alunni", required=False)
    kind = forms.ChoiceField(label="Tipo", choices=[("", "Scegli"), ("lab", "Laboratorio"), ("desk", "Sportello")])
    mode = forms.ChoiceField(
        label="Dove", choices=[("in", "In presenza"), ("re", "A distanza")], widget=forms.RadioSelect
    )
    languages = forms.MultipleChoiceField(
        label="Lingue", choices=[("ar", "Arabo"), ("zh", "Cinese")], widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    attachment = forms.FileField(label="Allegato", required=False, help_text="PDF, al massimo 10 MB.")
    confirmed = forms.BooleanField(label="Ho consegnato l’informativa alle famiglie")


class SampleFilter(PortalFilterForm):
    """A filter of two fields."""

    text = forms.CharField(label="Cerca", required=False)
    since = forms.DateField(label="Dal", required=False, help_text="")
    state = forms.ChoiceField(label="Stato", required=False, choices=[("", "Tutti"), ("open", "Aperto")])


def _tables(request: HttpRequest) -> dict[str, Any]:
    columns = [Column("Laboratorio"), Column("Data", nowrap=True), Column("Stato"), Column("Alunni", numeric=True)]
    columns += [Column("Avanzamento"), Column("Apri", hidden_label=True)]
    rows = [
        [
            Lines(Link(f"Laboratorio di italiano {number}", "#"), "Rete di Cuneo"),
            date(2026, 3, number),
            Pill("In corso", "info"),
            1200 + number,
            Bar(number * 10, 60, f"Alunni del laboratorio {number}"),
            Link("Apri", "#", hidden=f"il laboratorio {number}"),
        ]
        for number in range(1, 8)
    ]
    page = Paginator(rows, 3).get_page(request.GET.get("page"))
    return {"columns": columns, "page": page, "foot": ["Totale", None, None, 8428, None, None]}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the gallery; a POST shows the form with its errors."""
    form = SampleForm(request.POST or None, request.FILES or None, version="1")
    if request.method == "POST" and form.is_valid():
        form.add_refusal(StaleError(), version="2")
    now = timezone.now()
    entries = [
        Entry(now, "Relazione validata", "Coordinamento regionale", status="Validata", colour="success"),
        Entry(now - timedelta(days=3), "Relazione restituita", "Rete di Cuneo", "Mancano due incontri di marzo."),
        Entry(
            datetime(2026, 1, 8, 9, 30, tzinfo=timezone.get_current_timezone()), "Relazione inviata", "Scuola Rodari"
        ),
    ]
    today = timezone.localdate()
    context = {
        "crumbs": [("Home", "/"), ("Guida", "/gallery/"), "Galleria"],
        "form": form,
        "filter_form": SampleFilter(request.GET or None),
        "colours": COLOURS,
        "exports": [Link("Excel", "#", hidden="dei laboratori"), Link("CSV", "#", hidden="dei laboratori")],
        "buttons": [
            Button("Invia la relazione", "#", method="post"),
            Button("Modifica", "#", style="outline-primary"),
            Button("Elimina", "#", disabled_reason="la relazione è già stata inviata."),
        ],
        "entries": entries,
        "tasks": [
            Task("Completa il registro di marzo", "#", "Da iniziare", "secondary", today + timedelta(days=9), "Rete 1"),
            Task("Correggi la relazione del trimestre", "#", "Restituita", "danger", today - timedelta(days=1)),
            Task("Dichiara gli incontri", "", "Completato", "success"),
        ],
        "facts": [
            ("Capofila", "Comune di Cuneo"),
            ("Dal", date(2026, 9, 1)),
            ("Stato", Pill("Attiva", "success")),
            ("Telefono", None),
            ("Sede", "Via Roma 1", Link("Modifica", "#", hidden="la sede")),
        ],
        "no_rows": [],
        "svg": SVG,
        "chart_table": ChartTable(
            [Column("Azione"), Column("Valore", numeric=True)], [["Azione 1", 480], ["Azione 2", 240]]
        ),
        "programme": {
            "visibility_text": "Progetto co-finanziato dall’Unione Europea",
            "project_code": "PROG-0000",
            "cup": "J00A00000000000",
        },
        **_tables(request),
    }
    return render(request, "core/gallery.html", context)
