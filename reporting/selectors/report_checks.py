# SPDX-License-Identifier: EUPL-1.2
"""What an activity report still lacks: every problem at once, where it is mended and who must act."""

from collections.abc import Collection
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from reporting.models import ActivityReport, ReportComment
from reporting.selectors.register_checks import CODES, Problem, register_problems

FILER = gettext_lazy("Who files the report of the body")
TIME = gettext_lazy("Nobody: it is a matter of days")


# Everything that is looked at, for the share that is in order.
CHECKED = {"period_not_over", "narrative_missing", "origin_missing", "box_empty", "comment_unanswered", *CODES}


def problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return everything that the report lacks, all at once: what blocks it first, then what should be checked.

    Of a report reopened for its texts alone the registers are closed: only its words are looked at. Two queries at
    most, whatever is missing.
    """
    found = _period_not_over(report, today or timezone.localdate()) + _words(report) + _comments(report)
    if not report.is_text_only:
        found += register_problems(report)
    return sorted(found, key=lambda problem: not problem.blocking)


def blocking_problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return what keeps the report from being submitted."""
    return [problem for problem in problems(report, today=today) if problem.blocking]


def completeness(codes: Collection[str]) -> dict[str, int]:
    """Return how many of the things that are looked at are in order, given the codes of what is not."""
    return {"of": len(CHECKED), "in_order": len(CHECKED) - len(CHECKED & set(codes))}


# --- the words -----------------------------------------------------------------------------------------------------


def _period_not_over(report: ActivityReport, today: date) -> list[Problem]:
    if today > report.period.ends_on:
        return []
    day = date_format(report.period.ends_on, "j F Y")
    sentence = _("The period ends on %(day)s: the report can be submitted from the day after.") % {"day": day}
    return [Problem("period_not_over", sentence, report.get_absolute_url(), True, str(TIME))]


def _words(report: ActivityReport) -> list[Problem]:
    url = reverse("reporting:activity-report-narrative", args=[report.uuid])
    found = []
    if not report.done.strip():
        sentence = _("Describe the activities carried out and what came out of them.")
        found.append(Problem("narrative_missing", sentence, f"{url}#id_done", True, str(FILER)))
    if report.problems.strip() and not report.problem_origins:
        sentence = _("Say where the problems come from: the recipient, other subjects, the context.")
        found.append(Problem("origin_missing", sentence, f"{url}#id_problem_origins_0", True, str(FILER)))
    empty = [name for name in report.NARRATIVE if name != "done" and not getattr(report, name).strip()]
    if empty:
        labels = ", ".join(f"“{report.box_label(name)}”" for name in empty)
        sentence = _("These boxes are empty: %(boxes)s. Write at least that there is nothing to report.")
        found.append(Problem("box_empty", sentence % {"boxes": labels}, f"{url}#id_{empty[0]}", False, str(FILER)))
    return found


def _comments(report: ActivityReport) -> list[Problem]:
    waiting = ReportComment.objects.filter(report=report).waiting_for_body().count()
    if not waiting:
        return []
    sentence = ngettext_lazy(
        "%(number)s comment of the coordinator has no answer yet.",
        "%(number)s comments of the coordinator have no answer yet.",
        "number",
    ) % {"number": waiting}
    url = reverse("reporting:activity-report-comments", args=[report.uuid])
    return [Problem("comment_unanswered", str(sentence), url, True, str(FILER))]
