# SPDX-License-Identifier: EUPL-1.2
"""The components, on the gallery and one by one."""

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django.utils.formats import date_format

from fami_portal.core import nav
from fami_portal.core.components import Button, Column, Link, Pill, Task
from fami_portal.core.templatetags import ui


def draw(source: str, **context: Any) -> BeautifulSoup:
    """Render a line of template that uses the components."""
    html = Template("{% load ui %}" + source).render(Context(context))
    return BeautifulSoup(html, "html.parser")


@pytest.mark.django_db
def test_gallery_shows_every_component(client: Client) -> None:
    page = BeautifulSoup(client.get("/gallery/").content, "html.parser")

    assert len(page.select("h1")) == 1
    for mark in (".pill", ".alert", ".empty-state", "dl.facts", ".portal-table", ".pagination", ".filter-bar"):
        assert page.select(mark), mark
    for mark in (".action-bar", "progress", ".history", "figure.chart", ".task-list", "form.portal-form"):
        assert page.select(mark), mark


@pytest.mark.django_db
def test_gallery_has_no_inline_style_or_script(client: Client) -> None:
    page = BeautifulSoup(client.get("/gallery/").content, "html.parser")

    assert not page.select("[style]")
    assert not [script for script in page.select("script") if not script.get("src")]
    assert not page.select("style")
    assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith(("on", "hx-on"))]


@pytest.mark.django_db
def test_ids_are_unique_and_labels_reach_a_field(client: Client) -> None:
    page = BeautifulSoup(client.get("/gallery/").content, "html.parser")
    ids = [tag["id"] for tag in page.select("[id]")]

    assert len(ids) == len(set(ids))
    assert {label["for"] for label in page.select("label[for]")} <= set(ids)


def test_table_names_each_cell_for_narrow_screens() -> None:
    columns = [Column("Scuola"), Column("Alunni", numeric=True), Column("Apri", hidden_label=True)]

    table = draw(
        '{% table "Scuole" columns rows %}',
        columns=columns,
        rows=[["Rodari", 1200, Link("Apri", "/x/", hidden="Rodari")]],
    )

    assert table.caption.text == "Scuole"
    assert [th["scope"] for th in table.select("thead th")] == ["col"] * 3
    cells = table.select("tbody td")
    assert [cell.get("data-label") for cell in cells] == ["Scuola", "Alunni", None]
    assert "numeric" in cells[1]["class"]
    assert cells[1].text == "1.200"
    assert cells[2].a.text == "Apri Rodari"


def test_table_escapes_what_people_typed() -> None:
    table = draw('{% table "T" columns rows %}', columns=[Column("Nome")], rows=[["<script>alert(1)</script>"]])

    assert not table.select("script")
    assert "<script>" in table.tbody.text


def test_pager_keeps_the_filters() -> None:
    page = Paginator(range(100), 10).page(3)

    pager = draw("{% pager page %}", page=page, request=RequestFactory().get("/list/?state=open&page=3"))

    assert pager.select_one("[rel=next]")["href"] == "?state=open&page=4"
    assert pager.select_one("[aria-current=page]").text.strip().endswith("3")


def test_pager_of_one_page_shows_nothing() -> None:
    page = Paginator(range(3), 10).page(1)

    assert not draw("{% pager page %}", page=page).find_all(True)


def test_button_that_writes_is_a_form_with_a_token() -> None:
    bar = draw(
        "{% action_bar buttons %}",
        csrf_token="abc",
        buttons=[Button("Invia", "/send/", method="post", fields={"version": 3}), Button("Apri", "/open/")],
    )

    assert bar.form["method"] == "post"
    assert bar.select_one("[name=csrfmiddlewaretoken]")["value"] == "abc"
    assert bar.select_one("[name=version]")["value"] == "3"
    assert bar.select_one("a.btn")["href"] == "/open/"


def test_refused_button_says_why_in_words() -> None:
    bar = draw("{% action_bar buttons %}", buttons=[Button("Elimina", "/x/", disabled_reason="già inviata.")])

    assert not bar.select("button, a")
    assert "Elimina: già inviata." in bar.text


def test_progress_over_its_target_stays_inside_the_bar() -> None:
    bar = draw('{% progress 31 30 "Associazioni" %}')

    assert bar.progress["value"] == "100"
    assert "31" in bar.text
    assert "103%" in bar.text


def test_progress_without_target_is_no_error() -> None:
    assert draw('{% progress 3 0 "Alunni" %}').progress["value"] == "0"


def test_task_that_is_late_says_so() -> None:
    today = timezone.localdate()
    tasks = [Task("Correggi", "/a/", due=today - timedelta(days=1)), Task("Completa", "/b/", due=today)]

    lines = draw("{% task_list tasks %}", tasks=tasks).select("li")

    assert lines[0].select(".task-late")
    assert not lines[1].select(".task-late")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (True, "sì"),
        (12345, "12.345"),
        (2.5, "2,5"),
        (date(2026, 3, 5), "05/03/2026"),
        ("testo", "testo"),
        (Pill("Aperta", "info"), "Aperta"),
    ],
)
def test_cell_shows_each_kind_of_value(value: Any, shown: str) -> None:
    assert shown in str(ui.cell(value))


def test_hours_are_read_from_minutes() -> None:
    assert [ui.hours(minutes) for minutes in (60, 90, 65, 0, None)] == ["1 h", "1 h 30", "1 h 05", "0 h", ""]


def test_filter_bar_counts_one_as_one() -> None:
    from fami_portal.core.gallery import SampleFilter

    def said(count: int) -> str:
        bar = draw(
            "{% filter_bar form count=count noun='conti' %}",
            form=SampleFilter(),
            count=count,
            request=RequestFactory().get("/"),
        )
        return str(bar.select_one("[role=status]").text)

    assert (said(1), said(2)) == ("1 risultato", "2 conti")


def test_months_in_words_have_no_capital() -> None:
    with translation.override("it"):
        assert date_format(date(2019, 6, 17), "j F Y") == "17 giugno 2019"
        assert {date_format(date(2019, month, 1), "F")[0].islower() for month in range(1, 13)} == {True}


def test_filter_bar_offers_to_clear_only_what_is_set() -> None:
    from fami_portal.core.gallery import SampleFilter

    request = RequestFactory().get("/gallery/?state=open&page=2")
    bar = draw("{% filter_bar form count=7 %}", form=SampleFilter(request.GET), request=request)
    empty = draw("{% filter_bar form %}", form=SampleFilter(), request=RequestFactory().get("/gallery/?page=2"))

    assert bar.form["method"] == "get"
    assert bar.select_one("a.btn")["href"] == "/gallery/"
    assert not empty.select("a.btn")


@pytest.fixture
def registries() -> Any:
    """Give the menu and the home page back as they were."""
    kept = [(registry, dict(registry)) for registry in (nav._items, nav._groups, nav._panels)]
    for registry, _found in kept:
        registry.clear()
    yield
    for registry, found in kept:
        registry.clear()
        registry.update(found)


class _Somebody:
    is_authenticated = True


@pytest.mark.usefixtures("registries")
def test_menu_marks_the_nearest_entry_and_hides_what_is_not_for_the_person() -> None:
    nav.register(nav.NavItem("Casa", "home", order=1))
    nav.register(nav.NavItem("Notifiche", "core:notifications", order=3))
    nav.register(nav.NavItem("Lavori", "core:job-list", order=2, predicate=lambda user: False))
    nav.register(nav.NavItem("Altrove", "no-such-app:page", order=4))

    menu = nav.items_for(_Somebody(), "/notifications/")

    assert [(item.label, item.current) for item in menu] == [("Casa", False), ("Notifiche", True)]


@pytest.mark.usefixtures("registries")
def test_menu_marks_the_entry_that_names_a_page_before_the_address_above_it() -> None:
    nav.register(nav.NavItem("Informazioni", "core:privacy", order=1))
    nav.register(nav.NavItem("Lavori", "core:job-list", order=2, pages=("core:notification*", "core:privacy")))

    marks = {path: [item.current for item in nav.items_for(_Somebody(), path)] for path in ("/info/privacy/", "/x/")}

    assert marks == {"/info/privacy/": [False, True], "/x/": [False, False]}


@pytest.mark.usefixtures("registries")
def test_menu_folds_groups_only_when_it_is_long() -> None:
    nav.register_group(nav.NavGroup("info", "Informazioni", order=2))
    nav.register_group(nav.NavGroup("lone", "Di uno solo", order=9))
    for order, (name, group) in enumerate(
        [("home", ""), ("core:privacy", "info"), ("core:faq", "info"), ("core:job-list", "lone"), ("core:unsent", "")]
    ):
        nav.register(nav.NavItem(name, name, order=order, group=group))
    assert [item.label for item in nav.menu_for(_Somebody(), "/info/faq/")] == [
        "home", "core:privacy", "core:faq", "core:job-list", "core:unsent"
    ]  # fmt: skip

    nav.register(nav.NavItem("core:legal-notes", "core:legal-notes", order=1, group="info"))
    menu = nav.menu_for(_Somebody(), "/info/faq/")

    assert [(entry.label, entry.current) for entry in menu] == [
        ("home", False), ("Informazioni", True), ("core:job-list", False), ("core:unsent", False)
    ]  # fmt: skip
    folded = next(entry for entry in menu if isinstance(entry, nav.NavGroup))
    assert [(item.label, item.current) for item in folded.entries] == [
        ("core:legal-notes", False), ("core:privacy", False), ("core:faq", True)
    ]  # fmt: skip

    # Whoever is alone in its group goes with others where it may.
    nav.register(nav.NavItem("core:job-list", "core:job-list", order=3, group="lone", otherwise=("none", "info")))
    menu = nav.menu_for(_Somebody(), "/")
    assert [entry.label for entry in menu] == ["home", "Informazioni", "core:unsent"]


@pytest.mark.usefixtures("registries")
def test_home_puts_the_nearest_deadline_first() -> None:
    nav.register_panel(
        lambda user: [nav.Waiting("senza scadenza", "/a/"), nav.Waiting("dopo", "/b/", date(2026, 5, 1))]
    )
    nav.register_panel(_early)

    assert [thing.title for thing in nav.waiting_for(_Somebody())] == ["prima", "dopo", "senza scadenza"]


def _early(user: Any) -> list[nav.Waiting]:
    return [nav.Waiting("prima", "/c/", date(2026, 4, 1))]
