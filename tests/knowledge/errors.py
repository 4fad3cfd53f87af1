"""What the tool says when it cannot or will not evaluate something."""

from __future__ import annotations


class KnowledgeError(Exception):
    """A setting, an expression or a search that is wrong, or that this tool does not read."""


class UncertainError(KnowledgeError):
    """What real Splunk does here is not documented, so nothing may depend on it."""
