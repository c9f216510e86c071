# SPDX-License-Identifier: EUPL-1.2
"""Files of the registers, made when they are asked for and kept nowhere."""
