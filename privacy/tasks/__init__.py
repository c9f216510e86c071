# SPDX-License-Identifier: EUPL-1.2
"""Background work of the privacy app, by room."""
