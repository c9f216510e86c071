# SPDX-License-Identifier: EUPL-1.2
"""Refusals: expected, shown to the person, never logged as errors."""

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An act was refused. `message` is a translated sentence that the person can act on."""

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class TransitionNotAllowed(DomainError):
    """The state of the record does not allow the act (somebody was faster, or the page is old)."""


class NotPermitted(DomainError):
    """The person may see the record but not do this with it: the view answers 403."""


class StaleError(DomainError):
    """The record changed after the page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("Someone changed this page while you were working on it. Check the current values and save again.")
        )


def required_text(text: str, missing: object, *, field: str = "reason") -> str:
    """Return a text on one line, without blanks around or twice; raises `DomainError` at `field` where nothing is left.

    `missing` is the translated sentence that says what to write, and what must not be in it.
    """
    text = " ".join(text.split())
    if not text:
        raise DomainError(missing, field=field)
    return text
