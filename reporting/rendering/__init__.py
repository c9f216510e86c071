# SPDX-License-Identifier: EUPL-1.2
"""The files of an output report, all drawn from the same frozen content: equal content gives equal bytes."""
