# SPDX-License-Identifier: EUPL-1.2
"""The upward signals of the actions app: registers live above it and must be asked before what they rest on changes.

All are sent inside the service transaction, with the row locked and still as it was; a receiver refuses by raising a
`DomainError`. They exist for the registers alone: the app's own process does not use them.
"""

from django.dispatch import Signal

# Arguments: `activity`, `changes` (field name to new value; `state` for a cancellation).
activity_changing = Signal()

# Arguments: `meeting`, `changes` (field name to new value; `state` for a cancellation).
meeting_changing = Signal()

# Many meetings get another length. Arguments: `minutes` (id of the meeting to the minutes now and those wanted) and
# `foresee`: only say what stands against it. A receiver returns the sentences, by id of the meeting.
lengths_changing = Signal()
