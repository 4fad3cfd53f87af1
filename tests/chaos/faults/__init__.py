"""The kinds of faults, by name."""

from __future__ import annotations

from .base import Fault, Kind
from .table import KINDS

__all__ = ["KINDS", "Fault", "Kind"]
