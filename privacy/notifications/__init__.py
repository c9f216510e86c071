# SPDX-License-Identifier: EUPL-1.2
"""Messages of the privacy app, by room."""
