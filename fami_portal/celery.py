# SPDX-License-Identifier: EUPL-1.2
"""The Celery application: it carries ids of `core.Job` rows, nothing else."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

from fami_portal import embedded, texts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

app = Celery("fami_portal")


@app.on_configure.connect
def _start_servers(**kwargs: Any) -> None:
    # Before the settings are read, and only by a process that works with Celery: importing this starts nothing.
    texts.ensure_compiled()
    embedded.ensure()


@worker_init.connect
def _check_keys(**kwargs: Any) -> None:
    from fami_portal.core.keymarks import check_at_start  # noqa: PLC0415  once the apps are there

    try:
        check_at_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None  # Celery would log another error and go on


app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
