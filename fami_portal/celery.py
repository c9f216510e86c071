# SPDX-License-Identifier: EUPL-1.2
"""The Celery application: it carries ids of `core.Job` rows, nothing else."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

app = Celery("fami_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
