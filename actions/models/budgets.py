# SPDX-License-Identifier: EUPL-1.2
"""The money of a programme, version by version, and the acts that make a programme longer."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.enums import ChangeReason
from actions.models.programmes import Action, Plan, Programme
from fami_portal.core.history import row_history
from partners.models import Network, Organisation


class Budget(models.Model):
    """One version of the whole table of a programme's money. It holds until the next one begins and never changes."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="budgets")
    number = models.PositiveIntegerField(_("version"))
    valid_from = models.DateField(_("valid from"))
    reason = models.CharField(_("reason"), max_length=20, choices=ChangeReason)
    # The deed that approves the change: number and date, as it is written on it.
    act = models.CharField(_("act"), max_length=200, blank=True)
    total_cents = models.BigIntegerField(_("total in cents"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))
    # The submission key of the form: a double click makes one version.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("version of the budget")
        verbose_name_plural = _("versions of the budget")
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="actions_budget_number_once"),
            models.CheckConstraint(condition=Q(total_cents__gt=0), name="actions_budget_positive"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id programme number valid_from reason act total_cents"
        internal = "author recorded_at key"

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.number}"


class BudgetShare(models.Model):
    """One cell of the table: the share of an action that goes to a network, a plan or a body.

    Without any of the three it is the share of the action in the whole programme. Its parent is the same cell without
    the last of network, plan and body that it names. `remainder` is what its parent has not assigned yet. Where a
    parent is divided, its children add up to it: a trigger refuses any other table. All shares of a version are written
    in one statement.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="shares")
    # Empty: not divided by action.
    action = models.ForeignKey(Action, on_delete=models.PROTECT, null=True, related_name="budget_shares")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, related_name="budget_shares")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="budget_shares")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="budget_shares")
    remainder = models.BooleanField(_("not assigned yet"), default=False)
    cents = models.BigIntegerField(_("amount in cents"))

    class Meta:
        verbose_name = _("share of the budget")
        verbose_name_plural = _("shares of the budget")
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "action", "network", "plan", "organisation", "remainder"],
                nulls_distinct=False,
                name="actions_budgetshare_once",
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="actions_budgetshare_positive"),
            models.CheckConstraint(
                condition=Q(remainder=False) | Q(organisation__isnull=True), name="actions_budgetshare_remainder"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id budget action network plan organisation remainder cents"

    def __str__(self) -> str:
        return f"{self.budget_id}: {self.cents} #{self.pk}"


class ProgrammeExtension(models.Model):
    """The act that moved the end of a programme."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="extensions")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    extended_from = models.DateField(_("end before the act"))
    extended_to = models.DateField(_("new end"))
    deed_number = models.CharField(_("number of the deed"), max_length=60)
    deed_on = models.DateField(_("date of the deed"))
    reason = models.CharField(_("reason"), max_length=300)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("extension of a programme")
        verbose_name_plural = _("extensions of programmes")
        constraints = [
            models.CheckConstraint(
                condition=Q(extended_to__gt=models.F("extended_from")), name="actions_extension_later"
            ),
            models.UniqueConstraint(fields=["programme", "extended_to"], name="actions_extension_once"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id programme extended_from extended_to deed_number deed_on reason"
        internal = "key author recorded_at"

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.extended_to}"
