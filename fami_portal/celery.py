# SPDX-License-Identifier: EUPL-1.2
"""The Celery application: it carries ids of `core.Job` rows, nothing else."""

import os
from typing import Any

from celery import Celery

from fami_portal import embedded, texts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

app = Celery("fami_portal")


@app.on_configure.connect
def _start_servers(**kwargs: Any) -> None:
    # Before the settings are read, and only by a process that works with Celery: importing this starts nothing.
    texts.ensure_compiled()
    embedded.ensure()


app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
