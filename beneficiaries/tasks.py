# SPDX-License-Identifier: EUPL-1.2
"""Background work on recipients: `core.jobs` runs these by their kind."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot

UNUSUAL_READING = "beneficiaries.unusual_reading"
ASK_BODIES = "beneficiaries.ask_bodies"
OUTCOMES_DUE = "beneficiaries.outcomes_due"
COMPARE_RECORD = "beneficiaries.compare_record"
SUPPORTS_DUE = "beneficiaries.supports_due"
CERTIFICATES_EXPIRED = "beneficiaries.certificates_expired"


def quarters_of_an_hour(now: datetime) -> Iterator[Slot]:
    """Yield one run for each quarter of an hour; each looks at the whole hour before it."""
    yield Slot(f"{now:%Y-%m-%dT%H}:{now.minute // 15 * 15:02d}")


def warn_of_unusual_reading(run: Run) -> None:
    """Tell the officers of data protection of whoever reads unusually much."""
    from beneficiaries.services import reading_alerts

    reading_alerts.warn_of_unusual_reading(at=clock.now())


def days_of_outcomes(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day of the work, from seven in the morning: nobody is written to at night."""
    if timezone.localtime(now).hour >= 7:
        yield Slot(f"{clock.today():%Y-%m-%d}")


def remind_of_outcomes(run: Run) -> None:
    """Tell the bodies which outcomes are due."""
    from beneficiaries.services import outcome_reminders

    outcome_reminders.remind_of_outcomes(at=clock.now())


def remind_of_supports(run: Run) -> None:
    """Tell those who follow persons and households what is due."""
    from beneficiaries.services import support_reminders

    support_reminders.remind_of_supports(at=clock.now())


def mornings(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day of the work, from seven in the morning: nobody is written to at night."""
    if timezone.localtime(now).hour >= 7:
        yield Slot(f"{clock.today():%Y-%m-%d}")


def ask_bodies(run: Run) -> None:
    """Ask bodies about their own recipients, and end what nobody answered."""
    from beneficiaries.services import questions

    questions.ask_bodies(at=clock.now())


def compare_record(run: Run) -> None:
    """Compare a new record that connects two persons: figures may move, which its registration did not wait for."""
    from beneficiaries.services.matching import compare_again

    with run.fenced():
        compare_again(
            identity=run.subject_id or 0, common=run.parameters["common"], by=run.job.requested_by, at=clock.now()
        )
        run.finish(notify=False)


def make_certificates(run: Run) -> None:
    """Make the certificates of attendance that somebody asked for, in one file."""
    from beneficiaries.services import certificates

    certificates.make_certificates(run)


def days(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day."""
    yield Slot(f"{timezone.localdate(now):%Y-%m-%d}")


def destroy_certificates(run: Run) -> None:
    """Destroy the files of certificates whose days are over."""
    from beneficiaries.services import certificates

    certificates.destroy_expired(at=clock.now())
