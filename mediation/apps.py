# SPDX-License-Identifier: EUPL-1.2
"""The mediation app."""

from django.apps import AppConfig


class MediationConfig(AppConfig):
    """Configuration of the app."""

    name = "mediation"

    def ready(self) -> None:
        """Enter the menu, the home page and the registries (imports wait until the models are loaded).

        Each room of the app has its own function below, so that nobody reads all to change one.
        """
        from mediation import workflow  # noqa: F401  enters its tables in the registry

        self._requests()
        self._board()
        self._mediators()
        self._sessions()
        self._hours()
        self._links()
        self._consultations()
        self._figures()

    def _requests(self) -> None:
        """Requests: menu, panel, documents, verbs."""

    def _board(self) -> None:
        """Triage and assignment: menu, panel, verbs, periodic expiry."""

    def _mediators(self) -> None:
        """The register of mediators and the mediator's own pages."""

    def _sessions(self) -> None:
        """Sessions and reports."""

    def _hours(self) -> None:
        """Accounts of hours."""

    def _links(self) -> None:
        """Links without account and delegations."""

    def _consultations(self) -> None:
        """Ethnoclinical consultations, legal questions, translations, community presences."""

    def _figures(self) -> None:
        """Figures and reminders."""
