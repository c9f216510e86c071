# SPDX-License-Identifier: EUPL-1.2
"""Forms of the reporting app, one module per subject."""
