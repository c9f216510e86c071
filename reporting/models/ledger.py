# SPDX-License-Identifier: EUPL-1.2
"""The results ledger (design 5): facts, scopes, postings, entries, totals.

Only `reporting.ledger` writes here, by set-based SQL; triggers (migration 0002) refuse everything else.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import Action, Activity, ActivityType, Indicator, Plan, Programme, TargetGroup
from partners.models import Network, Organisation
from reporting.enums import FactKind, PostingReason, ScopeKind, UnitKind
from reporting.models.activity_reports import ActivityReport

# Facts that a validated mediation report proves by itself (design 5): they belong to no activity report.
MEDIATION_FACTS = (FactKind.MEDIATION, FactKind.MEDIATOR, FactKind.TRANSLATION)


class CountingScope(models.Model):
    """Where a unit may count once: programme, plan, action, network, body in a network."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="counting_scopes")
    kind = models.CharField(max_length=10, choices=ScopeKind)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, null=True, related_name="+")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("counting scope")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind", "plan", "action", "network", "organisation"],
                nulls_distinct=False,
                name="reporting_countingscope_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind=ScopeKind.PROGRAMME, plan=None, action=None, network=None, organisation=None)
                    | Q(kind=ScopeKind.PLAN, plan__isnull=False, action=None, network=None, organisation=None)
                    | Q(kind=ScopeKind.ACTION, plan=None, action__isnull=False, network=None, organisation=None)
                    | Q(kind=ScopeKind.NETWORK, plan=None, action=None, network__isnull=False, organisation=None)
                    | Q(kind=ScopeKind.BODY, plan=None, action=None, network__isnull=False, organisation__isnull=False)
                ),
                name="reporting_countingscope_shape",
            ),
        ]

    class Privacy:
        public = "id uuid programme kind plan action network organisation"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ActivityScope(models.Model):
    """A row for each scope that contains the activity."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="activity_scopes")
    scope = models.ForeignKey(CountingScope, on_delete=models.PROTECT, related_name="activity_scopes")

    class Meta:
        verbose_name = _("scope of an activity")
        constraints = [models.UniqueConstraint(fields=["activity", "scope"], name="reporting_activityscope_once")]

    class Privacy:
        internal = "id activity scope"

    def __str__(self) -> str:
        return f"{self.activity_id} in {self.scope_id}"


class LedgerHead(models.Model):
    """One row per programme: updated first in every posting, it is the lock that serialises them."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, primary_key=True, related_name="ledger_head")
    last_number = models.BigIntegerField(default=0)
    # The last day of the last transmitted period: nothing is booked on or before it.
    transmitted_until = models.DateField(null=True)

    class Meta:
        verbose_name = _("head of the ledger")

    class Privacy:
        internal = "programme last_number transmitted_until"

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.last_number}"


class Posting(models.Model):
    """A numbered movement of the ledger. Its id grows with its number inside a programme: "as of" compares ids."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="postings")
    number = models.BigIntegerField(_("number"))
    reason = models.CharField(_("reason"), max_length=12, choices=PostingReason)
    report = models.ForeignKey(ActivityReport, on_delete=models.PROTECT, null=True, related_name="postings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("posting")
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="reporting_posting_number_once")]

    class Privacy:
        internal = "id programme number reason report recorded_at"
        personal = "by"

    def __str__(self) -> str:
        return f"{self.programme_id}/{self.number}"


class FactBase(models.Model):
    """The self-sufficient copy of something that happened, from which the rules count."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    report = models.ForeignKey(ActivityReport, on_delete=models.PROTECT, related_name="%(class)ss")
    kind = models.CharField(max_length=15, choices=FactKind)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="+", db_index=False)
    activity_type = models.ForeignKey(ActivityType, on_delete=models.PROTECT, related_name="+", db_index=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_kind = models.CharField(max_length=12, choices=UnitKind)
    unit_id = models.BigIntegerField()
    month = models.DateField()
    first_on = models.DateField()
    last_on = models.DateField()
    meetings = models.IntegerField(default=0)
    minutes = models.IntegerField(default=0)
    quantity = models.BigIntegerField(default=1)
    sex = models.CharField(max_length=12, blank=True)
    age_band = models.CharField(max_length=15, blank=True)
    eligible = models.BooleanField(default=True)
    target_group = models.ForeignKey(TargetGroup, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    # Reach only: the channel and the audience whose highest value counts.
    channel_id = models.BigIntegerField(null=True)
    audience = models.CharField(max_length=100, blank=True)
    # Bodies only: their kind on that day, by which a rule tells associations from partners.
    organisation_kind = models.CharField(max_length=30, blank=True)
    # The row of the register that proves it (the meeting, the product, the measure; the enrolment for attendance; for
    # work of mediation the request, whose report is its own proof).
    source_type = models.CharField(max_length=40)
    source_id = models.BigIntegerField()

    class Meta:
        abstract = True

    class Privacy:
        internal = (
            "id programme report kind activity action activity_type network organisation unit_kind unit_id month "
            "first_on last_on meetings minutes quantity channel_id audience "
            "organisation_kind source_type source_id"
        )
        special = "sex age_band eligible target_group"


class ValidatedFact(FactBase):
    """A fact frozen by a validation; superseded by a later one, never changed."""

    # Empty for the work of mediation: no activity report proves it.
    report = models.ForeignKey(ActivityReport, on_delete=models.PROTECT, null=True, related_name="validatedfacts")
    posted_in = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="facts")
    superseded_in = models.ForeignKey(Posting, on_delete=models.PROTECT, null=True, related_name="superseded_facts")

    class Meta:
        verbose_name = _("validated fact")
        indexes = [
            models.Index(
                fields=["unit_kind", "unit_id"], condition=Q(superseded_in=None), name="reporting_fact_live_unit"
            ),
            # All facts of a programme, beside the larger ones of others.
            models.Index(
                fields=["programme", "kind"], condition=Q(superseded_in=None), name="reporting_fact_live_programme"
            ),
            # The first sign of life of a network, without reading its thousands of attendances.
            models.Index(
                fields=["network", "kind"],
                condition=Q(superseded_in=None) & ~Q(kind=FactKind.ATTENDANCE),
                name="reporting_fact_live_network",
            ),
            # What one request of mediation has proved.
            models.Index(
                fields=["source_type", "source_id"],
                condition=Q(superseded_in=None, report=None),
                name="reporting_fact_live_source",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(report__isnull=False) & ~Q(kind__in=MEDIATION_FACTS))
                | Q(report__isnull=True, kind__in=MEDIATION_FACTS),
                name="reporting_fact_proof",
            ),
        ]

    class Privacy:
        internal = "posted_in superseded_in"

    def __str__(self) -> str:
        return f"{self.kind} {self.unit_kind}:{self.unit_id} #{self.pk}"


class DraftFact(FactBase):
    """A fact of a submitted report that is not validated yet: only the provisional figures read it."""

    class Meta:
        verbose_name = _("fact of a submitted report")
        indexes = [
            models.Index(fields=["unit_kind", "unit_id"], name="reporting_draft_unit"),
            models.Index(
                fields=["network", "kind"], condition=~Q(kind=FactKind.ATTENDANCE), name="reporting_draft_network"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.unit_kind}:{self.unit_id} #{self.pk}"


class ResultEntry(models.Model):
    """Unit U counted once for indicator I in scope S. Never changed or deleted: closed once by a reversal."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="entries", db_index=False)
    scope = models.ForeignKey(CountingScope, on_delete=models.PROTECT, related_name="entries", db_index=False)
    unit_kind = models.CharField(max_length=12, choices=UnitKind)
    unit_id = models.BigIntegerField()
    achieved_on = models.DateField()
    booked_on = models.DateField()
    quantity = models.BigIntegerField()
    sex = models.CharField(max_length=12, blank=True)
    age_band = models.CharField(max_length=15, blank=True)
    fact = models.ForeignKey(ValidatedFact, on_delete=models.PROTECT, related_name="entries", db_index=False)
    posted_in = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    reversed_in = models.ForeignKey(Posting, on_delete=models.PROTECT, null=True, related_name="reversals")
    reversal_booked_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("ledger entry")
        indexes = [models.Index(fields=["scope", "indicator", "booked_on", "id"], name="reporting_entry_evidence")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit_kind", "unit_id", "indicator", "scope"],
                condition=Q(reversed_in=None),
                name="reporting_resultentry_counts_once",
            ),
            models.CheckConstraint(
                condition=Q(reversed_in=None, reversal_booked_on=None)
                | Q(reversed_in__isnull=False, reversal_booked_on__isnull=False),
                name="reporting_resultentry_reversal_pair",
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="reporting_resultentry_not_zero"),
        ]

    class Privacy:
        internal = (
            "id indicator scope unit_kind unit_id achieved_on booked_on quantity fact posted_in reversed_in "
            "reversal_booked_on"
        )
        special = "sex age_band"

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.scope_id} {self.unit_kind}:{self.unit_id} #{self.pk}"


class ResultTotal(models.Model):
    """Sums of live movements by month of booking, kept by triggers; dashboards and reports read only these."""

    scope = models.ForeignKey(CountingScope, on_delete=models.PROTECT, related_name="totals", db_index=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="totals", db_index=False)
    month = models.DateField()
    sex = models.CharField(max_length=12, blank=True)
    age_band = models.CharField(max_length=15, blank=True)
    quantity = models.BigIntegerField()

    class Meta:
        verbose_name = _("total")
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "indicator", "month", "sex", "age_band"], name="reporting_resulttotal_cell"
            )
        ]

    class Privacy:
        internal = "id scope indicator month quantity"
        special = "sex age_band"

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.scope_id} {self.month}: {self.quantity}"


class ProvisionalTotal(models.Model):
    """What the submitted, not yet validated reports would add to a figure; shown beside it, never mixed."""

    scope = models.ForeignKey(CountingScope, on_delete=models.PROTECT, related_name="provisional_totals")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="provisional_totals")
    quantity = models.BigIntegerField()

    class Meta:
        verbose_name = _("provisional total")
        constraints = [models.UniqueConstraint(fields=["scope", "indicator"], name="reporting_provisionaltotal_once")]

    class Privacy:
        internal = "id scope indicator quantity"

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.scope_id}: {self.quantity}"


class OpenPairTotal(models.Model):
    """How many pairs of records that may be one person a figure holds: each counts once until somebody decides."""

    scope = models.ForeignKey(CountingScope, on_delete=models.PROTECT, related_name="open_pair_totals")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="open_pair_totals")
    quantity = models.BigIntegerField()

    class Meta:
        verbose_name = _("undecided pairs of a figure")
        constraints = [models.UniqueConstraint(fields=["scope", "indicator"], name="reporting_openpairtotal_once")]

    class Privacy:
        internal = "id scope indicator quantity"

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.scope_id}: {self.quantity}"


class ResultMovement(models.Model):
    """The view that shows each entry as a plus and, when reversed, a minus."""

    id = models.CharField(primary_key=True, max_length=30)
    entry = models.ForeignKey(ResultEntry, on_delete=models.DO_NOTHING, related_name="movements")
    indicator = models.ForeignKey(Indicator, on_delete=models.DO_NOTHING, related_name="+")
    scope = models.ForeignKey(CountingScope, on_delete=models.DO_NOTHING, related_name="+")
    booked_on = models.DateField()
    quantity = models.BigIntegerField()
    posting = models.ForeignKey(Posting, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        verbose_name = _("movement of the ledger")
        managed = False
        db_table = "reporting_resultmovement"

    class Privacy:
        internal = "id entry indicator scope booked_on quantity posting"

    def __str__(self) -> str:
        return self.id
