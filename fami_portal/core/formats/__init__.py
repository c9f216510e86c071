# SPDX-License-Identifier: EUPL-1.2
"""How dates and numbers are written and read, by language."""
