# SPDX-License-Identifier: EUPL-1.2
"""The pages of the actions app, one module for each thing shown."""
