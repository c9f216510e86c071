# SPDX-License-Identifier: EUPL-1.2
"""Provisional figures: what the submitted, not yet validated reports would add to the ledger.

They are the rules over live and draft facts, less the live entries. Each act moves them by the units of its own
report alone, so their cost does not grow with the programme or with how many reports wait:

* a submission adds what the rules give with the report's drafts less what they give without;
* a return takes the same away;
* a validation turns provisional into posted, so it takes away what its posting moved;
* work of mediation has no drafts: its posting moves what is provisional about a network that both touch.

The caller holds the head of the ledger.
"""

from django.db import connection

from reporting.enums import FactKind
from reporting.ledger import rules as ledger_rules
from reporting.ledger.definitions import concerned, load_rules
from reporting.ledger.units import ANY_FACT, OF_NETWORKS, Touched, relations, touched_by_report
from reporting.models import Posting

_ADD = """
INSERT INTO reporting_provisionaltotal AS total (scope_id, indicator_id, quantity)
SELECT scope_id, indicator_id, %(sign)s * sum(quantity) FROM ({rows}) AS moved
 GROUP BY scope_id, indicator_id HAVING sum(quantity) <> 0
 ORDER BY scope_id, indicator_id
ON CONFLICT (scope_id, indicator_id) DO UPDATE SET quantity = total.quantity + excluded.quantity
"""


def _shift(programme_id: int, report_id: int, sign: int) -> None:
    touched = touched_by_report(report_id)
    if not touched:
        return
    rules = concerned(load_rules(programme_id), touched.types)
    desired = ledger_rules.desired(rules, by_id=ANY_FACT)
    parameters = {"programme": programme_id, "report": report_id, **touched.parameters()}
    with connection.cursor() as cursor:
        for without, direction in ((False, sign), (True, -sign)):
            items = relations(touched=True, drafts=True, without_report=without)
            cursor.execute(_ADD.format(rows=f"WITH {items}\n{desired}"), {**parameters, "sign": direction})


def submitted(programme_id: int, report_id: int) -> None:
    """Add what the drafts of a report, just written, would change."""
    _shift(programme_id, report_id, 1)


def withdrawn(programme_id: int, report_id: int) -> None:
    """Take away what the drafts of a report, about to be dropped, would have changed."""
    _shift(programme_id, report_id, -1)


def waits_for(touched: Touched) -> bool:
    """Return whether drafts stand behind some of these units, so that a new fact about them moves what is provisional."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (SELECT 1 FROM reporting_draftfact
                            WHERE {OF_NETWORKS} AND kind <> '{FactKind.ATTENDANCE}')
            """,
            touched.parameters(),
        )
        return bool(cursor.fetchone()[0])


def shift_units(programme_id: int, touched: Touched, sign: int) -> None:
    """Add, or with -1 take away, what is provisional about these units: the drafts' figure less the posted one.

    A posting that no draft announced (mediation) takes it away before and adds it after.
    """
    rules = concerned(load_rules(programme_id), touched.types)
    parameters = {"programme": programme_id, **touched.parameters()}
    with connection.cursor() as cursor:
        for drafts, direction in ((True, sign), (False, -sign)):
            desired = ledger_rules.desired(rules, by_id=ANY_FACT if drafts else "reporting_validatedfact")
            items = relations(touched=True, drafts=drafts)
            cursor.execute(_ADD.format(rows=f"WITH {items}\n{desired}"), {**parameters, "sign": direction})


def posted(posting: Posting) -> None:
    """Take away what a validation has just moved from provisional to posted."""
    movements = """
        SELECT scope_id, indicator_id, quantity FROM reporting_resultentry WHERE posted_in_id = %(posting)s
        UNION ALL
        SELECT scope_id, indicator_id, -quantity FROM reporting_resultentry WHERE reversed_in_id = %(posting)s"""
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(rows=movements), {"posting": posting.pk, "sign": -1})


def refresh_provisional(programme_id: int) -> None:
    """Compute the provisional figures of a programme from nothing (rebuilds, and the proof that the steps add up)."""
    desired = ledger_rules.desired(load_rules(programme_id), by_id=ANY_FACT)
    scopes = "scope_id IN (SELECT id FROM reporting_countingscope WHERE programme_id = %(programme)s)"
    parameters = {"programme": programme_id}
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM reporting_provisionaltotal WHERE {scopes}", parameters)
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM reporting_draftfact WHERE programme_id = %(programme)s)", parameters
        )
        if not cursor.fetchone()[0]:
            return
        rows = f"""
            SELECT scope_id, indicator_id, quantity
              FROM (WITH {relations(touched=False, drafts=True)}
                    {desired}) AS wanted
            UNION ALL
            SELECT scope_id, indicator_id, -quantity FROM reporting_resultentry
             WHERE reversed_in_id IS NULL AND {scopes}"""
        cursor.execute(_ADD.format(rows=rows), {**parameters, "sign": 1})
