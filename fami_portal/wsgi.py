# SPDX-License-Identifier: EUPL-1.2
"""The web entry point."""

import os

from django.core.wsgi import get_wsgi_application

from fami_portal import embedded, texts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")
texts.ensure_compiled()
embedded.ensure()
application = get_wsgi_application()

from fami_portal.core.keymarks import check_at_start  # noqa: E402  once the apps are there

check_at_start()
