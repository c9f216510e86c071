# SPDX-License-Identifier: EUPL-1.2
"""Files that the privacy app makes."""
