# SPDX-License-Identifier: EUPL-1.2
"""The upward signals of the beneficiaries app: the ledger lives above it and must learn who has become one person.

Both are sent inside the service transaction of the act, so that records and figures change together or not at all.
They exist for the ledger alone: the app's own process does not use them.
"""

from django.dispatch import Signal

# Sent first, before any record is changed: the ledger takes its head, so that every act that moves figures takes its
# locks in the same order. Arguments: `programme_id`.
persons_changing = Signal()

# Records were joined, or parted again, or a pair was found or decided. Arguments: `programme_id`, `by`, `at`; `parted`,
# the ids of the two records that an undone merge leaves (the one taken out first) and of those they counted as, empty
# otherwise; `moved`, the records that count as another than before (`services.grouping.Moved`).
persons_changed = Signal()
