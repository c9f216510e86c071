# SPDX-License-Identifier: EUPL-1.2
"""The file of an extract: a ZIP with the data as CSV and as a workbook, the codebook, and the rules in plain words."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from actions.enums import OutcomeKind
from fami_portal.core.exports import CellType, Column, Sheet, write_csv, write_xlsx
from reporting.enums import ExtractProduct
from reporting.rendering import codebook
from reporting.selectors.anonymity import COVERED, Covered, Support
from reporting.selectors.extracts import FORMAT, CrossTable
from reporting.selectors.suppression import THRESHOLD, Category

# Equal content gives equal files: no clock.
_MOMENT = (2000, 1, 1, 0, 0, 0)
_TEXT = ("action", "group", "network", "body", "activity_type", "period", "sex", "age_band", "citizenship")


@dataclass(frozen=True)
class Head:
    """What the file says of itself."""

    programme: str
    evaluator: str
    periods: str
    purpose: str
    posting: int


@dataclass(frozen=True)
class PersonRow:
    """One line of the rows: a pseudonym and a support."""

    person: str
    support: Support


def render_rows(
    head: Head, covered: Covered, pseudonyms: Mapping[int, str], lists: Mapping[str, Sequence[tuple[str, str]]]
) -> bytes:
    """Return the ZIP of the pseudonymised rows, in the order of the pseudonyms: it says nothing of who came first."""
    rows = [
        PersonRow(pseudonyms[person], support)
        for person in sorted(covered.supports, key=pseudonyms.__getitem__)
        for support in sorted(covered.supports[person], key=_order)
    ]
    with translation.override(settings.LANGUAGE_CODE):
        done = [
            (_("Step"), _("Persons touched")),
            *((codebook.step_labels()[name], _least(count)) for name, count in covered.touched.items()),
            (_("left out"), _least(covered.left_out)),
        ]
        return _zip(ExtractProduct.ROWS, "rows", head, lists, _row_columns(), rows, done)


def render_tables(head: Head, tables: Sequence[CrossTable], lists: Mapping[str, Sequence[tuple[str, str]]]) -> bytes:
    """Return the ZIP of the aggregate tables, as one long table: a line for each cell and each total."""
    with translation.override(settings.LANGUAGE_CODE):
        labels = {(name, code): label for name, values in lists.items() for code, label in values}
        labels |= {
            (variable.name, code): label
            for variable in codebook.variables(ExtractProduct.TABLES, {})
            for code, label in variable.values
        }
        columns = [
            Column("table", 0),
            Column("row", 1),
            Column("row_label", 2),
            Column("column", 3),
            Column("column_label", 4),
            Column("persons", 5, CellType.INTEGER),
        ]
        rows = [line for table in tables for line in _long(table, labels)]
        return _zip(ExtractProduct.TABLES, "tables", head, lists, columns, rows, [])


def _order(support: Support) -> tuple[str, ...]:
    return (*(getattr(support, name) for name in _TEXT), str(support.minutes), str(support.meetings))


def _least(count: int) -> str:
    """How many, said without telling one to four."""
    return str(count) if count == 0 or count >= THRESHOLD else _("fewer than %(least)s") % {"least": THRESHOLD}


def _row_columns() -> list[Column]:
    def eligible(row: PersonRow) -> str:
        said = row.support.eligible
        return COVERED if said == COVERED else "yes" if said else "no"

    return [
        Column("person", "person", width=18),
        *(Column(name, f"support.{name}") for name in _TEXT),
        Column("eligible", eligible),
        Column("meetings", "support.meetings", CellType.INTEGER),
        Column("minutes", "support.minutes", CellType.INTEGER),
        Column("entry_level", "support.entry_level"),
        Column("exit_level", "support.exit_level"),
        *(Column(f"outcome_{kind.value}", _outcome(kind.value)) for kind in OutcomeKind),
    ]


def _outcome(kind: str) -> Any:
    return lambda row: row.support.outcomes.get(kind, "")


def _long(table: CrossTable, labels: Mapping[tuple[str, str], str]) -> Iterable[tuple[Any, ...]]:
    name = f"{table.first} × {table.second}"

    def words(dimension: str, category: Category) -> tuple[str, str]:
        codes = [str(code) for code in category]
        return " + ".join(codes), " + ".join(labels.get((dimension, code), code) for code in codes)

    everything = ("", _("total"))
    for row in table.rows:
        for column in table.columns:
            count = table.cells[row, column]
            yield (
                name,
                *words(table.first, row),
                *words(table.second, column),
                codebook.HIDDEN if count is None else count,
            )
        yield (name, *words(table.first, row), *everything, table.row_totals[row])
    for column in table.columns:
        yield (name, *everything, *words(table.second, column), table.column_totals[column])
    yield (name, *everything, *everything, table.total)


def _zip(
    product: str,
    stem: str,
    head: Head,
    lists: Mapping[str, Sequence[tuple[str, str]]],
    columns: Sequence[Column],
    rows: Sequence[Any],
    done: Sequence[tuple[str, str]],
) -> bytes:
    explained = [
        Column(_("Variable"), 0),
        Column(_("Meaning"), 1, width=50),
        Column(_("Value"), 2),
        Column(_("Label of the value"), 3, width=40),
        Column(_("How it is made"), 4, width=60),
    ]
    lines = codebook.codebook_rows(product, lists)
    workbook, data, book = io.BytesIO(), io.BytesIO(), io.BytesIO()
    write_xlsx(
        workbook,
        [Sheet(stem, columns, rows), Sheet("codebook", explained, lines)],
        title=f"{head.programme} {head.periods}",
    )
    write_csv(data, columns, rows)
    write_csv(book, explained, lines)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            (f"{stem}.csv", data.getvalue()),
            (f"{stem}.xlsx", workbook.getvalue()),
            ("codebook.csv", book.getvalue()),
            ("README.txt", _readme(product, head, len(rows), done).encode()),
        ):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def _readme(product: str, head: Head, rows: int, done: Sequence[tuple[str, str]]) -> str:
    lines = [
        head.programme,
        _("Extract for the evaluation: %(product)s") % {"product": ExtractProduct(product).label},
        "",
        _("Evaluator: %(body)s") % {"body": head.evaluator},
        _("Periods: %(periods)s") % {"periods": head.periods},
        _("Purpose: %(purpose)s") % {"purpose": head.purpose},
        _("Figures as of posting no. %(number)s of the results ledger") % {"number": head.posting},
        _("Format: %(format)s") % {"format": FORMAT},
        _("Lines: %(rows)s") % {"rows": rows}
        if rows
        else _("There are no lines: the persons of these periods are too few to be shown."),
        "",
        _("Rules"),
        *(f"- {rule}" for rule in codebook.rules(product)),
    ]
    if done:
        lines += ["", *(f"{what}: {count}" for what, count in done)]
    return "\r\n".join(lines) + "\r\n"
