# SPDX-License-Identifier: EUPL-1.2
"""The codebook of an extract: each variable with its meaning, its values and how it was made; the rules; the versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from actions.enums import OutcomeKind
from beneficiaries.enums import AgeBand, LanguageLevel, OutcomeState, Sex
from reporting.enums import ExtractProduct
from reporting.selectors.anonymity import COVERED, OTHER_COUNTRY, STEPS, THIRD_COUNTRY
from reporting.selectors.suppression import THRESHOLD, WIDTH

HIDDEN = "–"


@dataclass(frozen=True)
class Variable:
    """One column of the rows, or one dimension of the tables."""

    name: str
    meaning: str
    values: Sequence[tuple[str, str]] = ()
    made: str = ""


def _choices(choices: Any) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices.choices]


def _covered() -> tuple[str, str]:
    return COVERED, _("covered, so that nobody can be picked out")


def variables(product: str, lists: Mapping[str, Sequence[tuple[str, str]]]) -> list[Variable]:
    """Return the variables of a product; `lists` are the programme's own codes by name of the variable."""
    places = [
        Variable("action", _("Action of the programme"), lists.get("action", ())),
        Variable("group", _("Target group of the programme"), lists.get("group", ())),
        Variable("network", _("Network in which the support was given"), lists.get("network", ())),
    ]
    person = [
        Variable("sex", _("Gender"), _choices(Sex)),
        Variable("age_band", _("Age band on the day on which the support began"), _choices(AgeBand)),
    ]
    areas = [(THIRD_COUNTRY, _("a third country")), (OTHER_COUNTRY, _("another citizenship"))]
    if product == ExtractProduct.TABLES:
        return [
            *places,
            *person,
            Variable(
                "citizenship",
                _("Citizenship, in two areas"),
                areas,
                _("Countries are never crossed with anything in a table."),
            ),
            Variable(
                "persons",
                _("Persons with at least one presence in the periods of the extract"),
                [(HIDDEN, _("hidden: see the rules"))],
                _(
                    "Each person once, in the action, network and group of the first support of those periods. "
                    "Records that may be of one person count once."
                ),
            ),
        ]
    levels = _choices(LanguageLevel)
    return [
        Variable(
            "person",
            _("Pseudonym of the person"),
            made=_(
                "Made for this evaluator and this programme alone; the same in all its extracts. It is not the pseudonym "
                "of the portal, and another evaluator has another one for the same person."
            ),
        ),
        *places,
        Variable("body", _("Body that gave the support")),
        Variable("activity_type", _("Type of activity"), lists.get("activity_type", ())),
        Variable("period", _("Period of the first presence")),
        *person,
        Variable(
            "citizenship", _("Citizenship"), areas, _("The name of the country, or only the area where it is rare.")
        ),
        Variable(
            "eligible",
            _("Whether the support counts for the fund"),
            [("yes", _("Yes")), ("no", _("No"))],
            _("Eligibility declared or verified, age and citizenship of the group."),
        ),
        Variable("meetings", _("Meetings attended in the periods of the extract")),
        Variable("minutes", _("Minutes of presence in the periods of the extract"), made=_("Whole minutes.")),
        Variable("entry_level", _("Level of Italian at entry"), levels, _("Empty where nobody wrote it.")),
        Variable("exit_level", _("Level of Italian at exit"), levels, _("Empty where nobody wrote it.")),
        *(
            Variable(
                f"outcome_{kind.value}",
                str(kind.label),
                _choices(OutcomeState),
                _("Empty where it was not asked or not recorded yet."),
            )
            for kind in OutcomeKind
        ),
    ]


def rules(product: str) -> list[str]:
    """Return the rules that the product follows, one sentence for each."""
    common = [
        _("The figures come from validated reports alone, as they stood at one posting of the ledger."),
        _("Only whole periods can be asked, and never two extracts whose days overlap: they could be subtracted."),
        _("The file is made once: approved again, it is the same file."),
    ]
    if product == ExtractProduct.TABLES:
        return [
            *common,
            _("Nothing is shown of fewer than %(least)s persons.") % {"least": THRESHOLD},
            _("Categories of fewer than %(least)s persons are joined with others in every table.")
            % {"least": THRESHOLD},
            _(
                "Each cell of 1 to %(most)s persons is hidden, and others with it, until neither the totals nor the other "
                "tables of the extract tell its value: at least two values that are %(width)s apart remain possible, or, "
                "where the persons are very few, all the cells of the table are hidden."
            )
            % {"most": THRESHOLD - 1, "width": WIDTH},
            _("Zeros are shown: nobody stands behind them. A hidden cell may also be zero, or large."),
        ]
    labels = step_labels()
    return [
        *common,
        _("Whoever asked that the data be restricted is left out."),
        _(
            "Every person has the same visible rows as at least %(others)s others. The visible details are: action, group, "
            "network, body, type of activity, period, gender, age band, citizenship, eligibility; all the rows of a person "
            "are looked at together."
        )
        % {"others": THRESHOLD - 1},
        _(
            "Who is rare loses one detail after the other, in this order, until not rare any more, and a few others with "
            "them where they are too few: %(steps)s."
        )
        % {"steps": "; ".join(labels[name] for name, _step in STEPS)},
        _("Who is still rare at the end is left out."),
        _(
            "Meetings, minutes, levels and outcomes are as they were recorded: nobody may use them to look for a person. The "
            "purpose of the approval is the only one allowed."
        ),
    ]


def step_labels() -> dict[str, str]:
    """Return what each step of `anonymity.STEPS` does, in words."""
    return {
        "citizenship_area": _("the country becomes the area"),
        "body": _("the body is covered"),
        "period": _("the period is covered"),
        "activity_type": _("the type of activity is covered"),
        "citizenship": _("the citizenship is covered"),
        "network": _("the network is covered"),
        "age_band": _("the age band is covered"),
        "sex": _("the gender is covered"),
        "eligible": _("the eligibility is covered"),
        "group": _("the group is covered"),
        "action": _("the action is covered"),
    }


def codebook_rows(product: str, lists: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str, str, str, str]]:
    """Return the codebook as flat rows: variable, meaning, value, label of the value, how it is made."""
    found = []
    for variable in variables(product, lists):
        values = list(variable.values)
        if product == ExtractProduct.ROWS and variable.name in COVERABLE:
            values.append(_covered())
        for value, label in values or [("", "")]:
            found.append((variable.name, variable.meaning, value, label, variable.made))
    return found


COVERABLE = frozenset(
    ("action", "group", "network", "body", "activity_type", "period", "sex", "age_band", "citizenship", "eligible")
)
