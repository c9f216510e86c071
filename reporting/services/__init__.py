# SPDX-License-Identifier: EUPL-1.2
"""What changes reports and the ledger."""
