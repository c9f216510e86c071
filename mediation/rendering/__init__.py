# SPDX-License-Identifier: EUPL-1.2
"""Files that the mediation service hands out, by room."""
