# SPDX-License-Identifier: EUPL-1.2
"""The writes of the actions app, one module for each thing written."""
