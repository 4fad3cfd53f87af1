"""A stand-in for Alibaba Cloud SLS (Simple Log Service), complete enough for any SLS client. See
README.md."""

from __future__ import annotations

from .control_client import ControlError, SlsControl
from .knobs import Knobs
from .server import SlsServer

__all__ = ["ControlError", "Knobs", "SlsControl", "SlsServer"]
