# SPDX-License-Identifier: EUPL-1.2
"""The reads of the actions app, one module for each thing read."""
