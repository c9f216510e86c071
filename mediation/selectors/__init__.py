# SPDX-License-Identifier: EUPL-1.2
"""What the mediation service reads."""
