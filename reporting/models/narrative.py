# SPDX-License-Identifier: EUPL-1.2
"""The six boxes of the quarterly monitoring sheet (reference: domain 3.1), the same at every level."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from reporting.enums import ProblemOrigin


class Narrative(models.Model):
    """What a quarter was in words: of a body, of a network, of the region."""

    done = models.TextField(_("activities carried out and outputs"), blank=True)
    strengths = models.TextField(_("strengths"), blank=True)
    deviations = models.TextField(_("deviations from the plan"), blank=True)
    problems = models.TextField(_("problems, their origin and the solutions found"), blank=True)
    team_changes = models.TextField(_("changes in the team"), blank=True)
    networks_built = models.TextField(_("networks started or strengthened"), blank=True)
    # The sheet asks the origin of the problems as a code, beside the words.
    problem_origins = ArrayField(
        models.CharField(max_length=10, choices=ProblemOrigin),
        verbose_name=_("origin of the problems"),
        default=list,
        blank=True,
        db_default=models.Value([]),
    )

    NARRATIVE = ("done", "strengths", "deviations", "problems", "team_changes", "networks_built")

    class Meta:
        abstract = True

    @classmethod
    def box_label(cls, name: str) -> str:
        """Return the words of a box, with a capital."""
        field: Any = cls._meta.get_field(name)
        return capfirst(str(field.verbose_name))

    def boxes(self) -> dict[str, str]:
        """Return the text of each box."""
        return {name: getattr(self, name) for name in self.NARRATIVE}

    def origins(self) -> list[str]:
        """Return the origins of the problems in words, in the order of the sheet."""
        return [str(origin.label) for origin in ProblemOrigin if origin in self.problem_origins]
