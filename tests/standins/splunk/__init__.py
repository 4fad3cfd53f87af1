"""A stand-in for one Splunk instance: splunkd's REST interface, its modular inputs and its pages."""

from __future__ import annotations

from .knobs import Knobs
from .server import SplunkServer
from .server_reply import RestReply, UnexpectedStatusError

__all__ = ["Knobs", "RestReply", "SplunkServer", "UnexpectedStatusError"]
