# SPDX-License-Identifier: EUPL-1.2
"""Rights of the privacy app, by room."""
