#!/usr/bin/env python
# SPDX-License-Identifier: EUPL-1.2
"""The command line of the portal."""

import os
import signal
import sys


def main() -> None:
    """Start the embedded servers where no address is given, then run the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")
    # Python dies of TERM without running what was registered for its exit, and the servers would stay behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    from fami_portal import embedded, texts

    texts.ensure_compiled()
    embedded.ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
