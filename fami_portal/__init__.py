# SPDX-License-Identifier: EUPL-1.2
"""The composition root of the portal."""

from fami_portal.celery import app as celery_app

__all__ = ["celery_app"]
