# SPDX-License-Identifier: EUPL-1.2
"""The base of every form: error summary, dates as people type them, nothing typed is lost."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from crispy_forms.utils import render_crispy_form
from django import forms
from django.test import Client
from django.utils import translation

from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.forms import PortalForm, PortalModelForm, error_lines
from fami_portal.core.gallery import SampleForm


def draw(form: Any) -> BeautifulSoup:
    """Render a form as a page does."""
    return BeautifulSoup(render_crispy_form(form), "html.parser")


class DatedForm(PortalForm):
    """A date, a time and two numbers."""

    held_on = forms.DateField(label="Data")
    starts_at = forms.TimeField(label="Ora", required=False)
    hours = forms.DecimalField(label="Ore", required=False)
    pupils = forms.IntegerField(label="Alunni", required=False)


@pytest.mark.parametrize("typed", ["2026-03-05", "05/03/2026", "5/3/2026", "05-03-2026", "5.3.2026", " 05/03/2026 "])
def test_dates_are_read_as_people_write_them(typed: str) -> None:
    form = DatedForm({"held_on": typed})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["held_on"].isoformat() == "2026-03-05"


def test_date_means_the_same_in_english() -> None:
    with translation.override("en"):
        form = DatedForm({"held_on": "05/03/2026"})

        assert form.is_valid()
        assert form.cleaned_data["held_on"].isoformat() == "2026-03-05"


def test_date_typed_by_hand_is_shown_again_in_the_native_picker() -> None:
    form = DatedForm({"held_on": "5/3/2026", "hours": "abc"})
    field = draw(form).select_one("[name=held_on]")

    assert field["type"] == "date"
    assert field["value"] == "2026-03-05"


def test_date_that_cannot_be_read_is_shown_again_as_it_was_typed() -> None:
    field = draw(DatedForm({"held_on": "5 marzo"})).select_one("[name=held_on]")

    assert field["type"] == "text"
    assert field["value"] == "5 marzo"


def test_time_accepts_a_full_stop() -> None:
    form = DatedForm({"held_on": "2026-03-05", "starts_at": "14.30"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["starts_at"].isoformat() == "14:30:00"


def test_decimal_accepts_the_comma_and_garbage_stays_visible() -> None:
    form = DatedForm({"held_on": "2026-03-05", "hours": "2,5"})
    wrong = DatedForm({"held_on": "2026-03-05", "hours": "due e mezza"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["hours"] == Decimal("2.5")
    assert draw(wrong).select_one("[name=hours]")["value"] == "due e mezza"


def test_error_summary_links_to_each_field_with_its_words() -> None:
    page = draw(SampleForm({}))
    summary = page.select_one("[data-error-summary]")
    ids = {tag["id"] for tag in page.select("[id]")}

    assert summary["tabindex"] == "-1"
    links = summary.select("a")
    assert len(links) == 7
    assert {link["href"].removeprefix("#") for link in links} <= ids
    beside = [error.strong.text for error in page.select(".invalid-feedback p")]
    assert [link.text.split(": ", 1)[1] for link in links] == beside


def test_error_is_tied_to_its_field_for_screen_readers() -> None:
    page = draw(SampleForm({}))
    field = page.select_one("[name=title]")

    assert field["aria-invalid"] == "true"
    assert set(field["aria-describedby"].split()) <= {tag["id"] for tag in page.select("[id]")}
    assert not field.has_attr("required")


def test_form_is_built_once_for_all() -> None:
    page = draw(SampleForm())

    assert page.form["method"] == "post"
    assert page.form.has_attr("novalidate")
    assert page.form["enctype"] == "multipart/form-data"
    assert page.select_one(".form-buttons button[type=submit]").text == "Salva"
    assert page.select_one(".form-buttons a")["href"] == "/gallery/"


def test_what_was_typed_stays_after_an_error() -> None:
    typed = {"title": "Italiano L2", "languages": ["ar"], "mode": "in", "note": "riga 1\nriga 2", "kind": "lab"}
    page = draw(SampleForm(typed))

    assert page.select_one("[name=title]")["value"] == "Italiano L2"
    assert page.select_one("[name=languages][value=ar]").has_attr("checked")
    assert page.select_one("[name=mode][value=in]").has_attr("checked")
    assert page.select_one("[name=note]").text.strip() == "riga 1\nriga 2"
    assert page.select_one("[name=kind] option[selected]")["value"] == "lab"


def test_submission_key_is_new_for_each_page_and_kept_after_an_error() -> None:
    first, second = (draw(DatedForm()).select_one("[name=submission_key]")["value"] for _ in range(2))
    again = draw(DatedForm({"held_on": "x", "submission_key": first}))

    assert uuid.UUID(first) != uuid.UUID(second)
    assert again.select_one("[name=submission_key]")["value"] == first


def test_refusal_of_a_service_is_shown_at_its_field() -> None:
    form = DatedForm({"held_on": "2026-03-05"})
    assert form.is_valid()

    form.add_refusal(DomainError("Il periodo è chiuso.", field="held_on"))

    assert [(line.target, line.message) for line in error_lines(form)] == [("id_held_on", "Il periodo è chiuso.")]


def test_sentences_in_the_summary_leave_their_last_mark() -> None:
    class Declaration(PortalForm):
        declaration = forms.BooleanField(label="Rispondo di ciò che scrivo.")
        reason = forms.CharField(label="Perché lo apri?")

    labels = [str(line.label) for line in error_lines(Declaration({}))]
    assert labels == ["Rispondo di ciò che scrivo", "Perché lo apri"]


def test_refusal_about_a_field_that_is_not_there_is_shown_at_the_top() -> None:
    form = DatedForm({"held_on": "2026-03-05"})

    form.add_refusal(DomainError("No.", field="elsewhere"))

    assert [(line.target, line.message) for line in error_lines(form)] == [("", "No.")]


def test_stale_page_says_so_keeps_what_was_typed_and_can_be_sent_again() -> None:
    form = DatedForm({"held_on": "2026-03-05", "version": "1"}, version=1)
    assert form.is_valid()

    form.add_refusal(StaleError(), version=2)
    page = draw(form)

    assert "Qualcuno ha modificato questa pagina" in page.select_one("[data-error-summary]").text
    assert page.select_one("[name=held_on]")["value"] == "2026-03-05"
    assert page.select_one("[name=version]")["value"] == "2"


def test_model_forms_never_write() -> None:
    class AccountForm(PortalModelForm):
        class Meta:
            from accounts.models import User as model

            fields = ["given_name"]

    with pytest.raises(NotImplementedError):
        AccountForm({"given_name": "Ada"}).save()


def test_values_in_buttons_are_escaped_and_never_run_as_templates() -> None:
    form = DatedForm(cancel_url='/x/?q={{ form }}"><script>')
    page = draw(form)

    assert not page.select("script")
    assert "{{ form }}" in page.select_one(".form-buttons a")["href"]


@pytest.mark.django_db
def test_page_title_says_that_there_are_errors(client: Client) -> None:
    page = BeautifulSoup(client.post("/gallery/", {"title": ""}).content, "html.parser")

    assert page.title.text.startswith("Errore:")


def test_beside_a_destructive_act_the_way_back_has_another_name() -> None:
    class Ending(DatedForm):
        submit_style = "danger"

    assert draw(Ending(cancel_url="/x/")).select_one(".form-buttons a").text == "Torna indietro"
    assert draw(DatedForm(cancel_url="/x/")).select_one(".form-buttons a").text == "Annulla"
