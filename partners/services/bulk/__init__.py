# SPDX-License-Identifier: EUPL-1.2
"""Many rows at a time: what an import writes. Each module plans rows, reading only, then writes the same rows."""
