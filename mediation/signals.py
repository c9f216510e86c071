# SPDX-License-Identifier: EUPL-1.2
"""The upward signals of the mediation app: the ledger lives above it and must learn what has been validated.

All are sent inside the service transaction of the act, so that figures and state change together or not at all. They
exist for the ledger alone: the app's own process does not use them.
"""

from django.dispatch import Signal

# Sent first in the transaction of a validation or of a reopening, before any row is locked: the ledger takes its head,
# so that every act that moves figures takes its locks in the same order. Arguments: `programme_id`.
figures_changing = Signal()

# The validated work has changed. Arguments: `source_type` (`request`, `presence`, `consultation`, `translation`),
# `source_id`, `programme_id`, `by`, `at`.
figures_changed = Signal()
