# SPDX-License-Identifier: EUPL-1.2
"""Machinery with no domain word in it: audit, history, transitions, jobs, documents, messages."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fami_portal.core.enums import UNFINISHED_JOB_STATES, ImportState, JobState, MailState, ScanState
from fami_portal.core.history import row_history


class AuditEvent(models.Model):
    """Who did what, on whose behalf and why. Plain columns, no foreign keys: the log never blocks its subjects."""

    at = models.DateTimeField(_("date and time"), db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("person"), max_length=200)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=200, blank=True)
    verb = models.CharField(_("act"), max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("audit event")
        indexes = [models.Index(fields=["target_type", "target_id", "id"], name="core_auditevent_target")]

    class Privacy:
        internal = "id at verb target_type target_id on_behalf_of data"
        personal = "actor_id actor reason"

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type}:{self.target_id} #{self.pk}"


class RowHistory(models.Model):
    """One changed row, written by the database trigger of `core.history`."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=6)
    changes = models.JSONField()

    class Meta:
        verbose_name = _("row history")
        indexes = [models.Index(fields=["table_name", "row_id", "id"], name="core_rowhistory_row")]

    class Privacy:
        internal = "id at table_name row_id operation"
        personal = "actor changes"

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name}:{self.row_id} #{self.pk}"


class TransitionLog(models.Model):
    """One change of state of any entity that has a workflow."""

    at = models.DateTimeField()
    entity = models.CharField(max_length=60)
    entity_id = models.BigIntegerField()
    transition = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    comment = models.TextField(blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("change of state")
        indexes = [models.Index(fields=["entity", "entity_id", "id"], name="core_transitionlog_entity")]

    class Privacy:
        internal = "id at entity entity_id transition source target on_behalf_of"
        personal = "comment actor_id actor"

    def __str__(self) -> str:
        return f"{self.entity}:{self.entity_id} {self.source} > {self.target} #{self.pk}"


class Document(models.Model):
    """A private file: never a public address, downloads pass the permission registered for its kind.

    Size and sha256 are those of the clear file and stay as evidence when the content is destroyed. A file that carries
    names is sealed on disk, and has a name that says nothing of what its sender called it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="documents/%Y/%m/", max_length=200)
    scan_state = models.CharField(max_length=20, choices=ScanState, default=ScanState.NOT_SCANNED)
    # The key of the vault that sealed the file; empty for a file that carries no names.
    key_id = models.CharField(max_length=20, blank=True)
    # The name of the file goes when its content is gone: until then the sweep knows what is left to do.
    destroyed_at = models.DateTimeField(_("destroyed on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("document")
        indexes = [
            models.Index(fields=["kind", "subject_id"], name="core_document_subject"),
            models.Index(fields=["key_id", "id"], name="core_document_key", condition=~Q(key_id="")),
            models.Index(
                fields=["destroyed_at"],
                name="core_document_destroying",
                condition=Q(destroyed_at__isnull=False) & ~Q(file=""),
            ),
        ]
        constraints = [models.CheckConstraint(condition=Q(size__gte=0), name="core_document_size")]

    class Privacy:
        internal = "id uuid kind subject_id content_type size sha256 file scan_state key_id destroyed_at created_at"
        personal = "name created_by"

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("core:document", args=[self.uuid])

    @property
    def is_sealed(self) -> bool:
        """Whether the content is sealed with a key of the vault."""
        return bool(self.key_id)


class JobQuerySet(models.QuerySet["Job"]):
    """Reads over jobs."""

    def visible_to(self, user: object) -> "JobQuerySet":
        """Those that the user asked for; periodic ones are shown by the pages of their own app."""
        return self.filter(requested_by=user)

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=UNFINISHED_JOB_STATES)


class Job(models.Model):
    """Background work; this table is the queue of record, Celery carries only the id (design 8)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    # Periodic work: unique for ever. Asked work: unique while unfinished, through `key`.
    slot = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=100, blank=True)
    subject_id = models.BigIntegerField(null=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    step = models.CharField(_("step"), max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    result_url = models.CharField(max_length=200, blank=True)
    # The file that the work reads, for instance an import: destroyed when the job ends, however it ends.
    upload = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    error = models.TextField(blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        indexes = [models.Index(fields=["state", "lease_until"], name="core_job_sweep")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slot"], condition=~Q(slot=""), name="core_job_slot_once"),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=~Q(key="") & Q(state__in=UNFINISHED_JOB_STATES),
                name="core_job_key_once_unfinished",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="core_job_progress"),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED_JOB_STATES, finished_at__isnull=True)
                | (~Q(state__in=UNFINISHED_JOB_STATES) & Q(finished_at__isnull=False)),
                name="core_job_finished_at",
            ),
        ]

    class Privacy:
        internal = (
            "id uuid kind slot key subject_id parameters state progress step attempt lease_until created_at sent_at "
            "started_at finished_at result result_url upload error"
        )
        personal = "requested_by"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("core:job", args=[self.uuid])

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_JOB_STATES


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads over messages."""

    def visible_to(self, user: object) -> "MessageQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """Outbox: a notification in the portal and, where wanted, an e-mail without personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The act that caused it, so that a retry does not write it twice.
    key = models.CharField(max_length=150, unique=True)
    kind = models.CharField(max_length=60)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="portal_messages"
    )
    address = models.EmailField(blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mail_state = models.CharField(max_length=12, choices=MailState, default=MailState.PENDING)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_sent_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        indexes = [
            models.Index(fields=["recipient", "read_at", "-id"], name="core_message_inbox"),
            models.Index(fields=["mail_state", "id"], name="core_message_outbox"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""), name="core_message_has_recipient"
            ),
        ]

    class Privacy:
        internal = "id uuid key kind subject body url created_at read_at mail_state mail_attempts mail_sent_at"
        personal = "recipient address"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Reads over imports."""

    def visible_to(self, user: object) -> "ImportRunQuerySet":
        """Those that the person began: a file may hold what colleagues must not read."""
        return self.filter(requested_by=user)


class ImportRun(models.Model):
    """A file that somebody imports: checked, shown, confirmed, written in one transaction or not at all.

    `report` holds the first problems and differences for its page, without the values of columns that tell of a person;
    all of them are in the result file. Both files, and the report, go when the import expires.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    # On whose work the rows are about, as a code of its kind, and in words.
    place = models.CharField(max_length=100, blank=True)
    on_behalf_of = models.CharField(_("on behalf of"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.CHECKING)
    file = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    total = models.PositiveIntegerField(_("rows"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    same = models.PositiveIntegerField(_("same as now"), default=0)
    refused = models.PositiveIntegerField(_("to be corrected"), default=0)
    # A keyed digest of what each row does: what is written must be what was confirmed.
    outcome = models.CharField(max_length=64, blank=True)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("began on"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(_("checked on"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True)
    finished_at = models.DateTimeField(_("ended on"), null=True)
    # Until when the files and the report are kept.
    expires_on = models.DateField(_("kept until"))
    version = models.PositiveIntegerField(default=1)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["requested_by", "-id"], name="core_importrun_list"),
            models.Index(fields=["expires_on"], name="core_importrun_expiry", condition=~Q(report={})),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[ImportState.READY, ImportState.WRITING, ImportState.DONE])
                | Q(checked_at__isnull=False, refused=0) & ~Q(outcome=""),
                name="core_importrun_checked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ImportState.WRITING, ImportState.DONE]) | Q(confirmed_at__isnull=False),
                name="core_importrun_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ImportState.CHECKING, ImportState.READY, ImportState.WRITING], finished_at=None)
                | Q(
                    state__in=[ImportState.REFUSED, ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED],
                    finished_at__isnull=False,
                ),
                name="core_importrun_ended",
            ),
        ]
        triggers = [row_history(exclude=("report",))]

    class Privacy:
        internal = (
            "id uuid kind place on_behalf_of state file result total new changed same refused outcome created_at "
            "checked_at confirmed_at finished_at expires_on version"
        )
        personal = "report requested_by"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("core:import", args=[self.uuid])


class KeyMark(models.Model):
    """By what a key is told from another of the same name (see `core.keymarks`)."""

    name = models.CharField(_("key"), max_length=40, primary_key=True)
    mark = models.BinaryField(_("mark"))

    class Meta:
        verbose_name = _("mark of a key")
        verbose_name_plural = _("marks of keys")

    class Privacy:
        internal = "name mark"

    def __str__(self) -> str:
        return self.name
