"""A valid stanza to vary."""

from __future__ import annotations

from sls_ingest.settings import InputSettings, parse_input

STANZA = {
    "account": "prod",
    "endpoint": "cn-hangzhou.log.aliyuncs.com",
    "project": "audit-project",
    "logstore": "actiontrail_log",
}


def parsed(**over: str) -> InputSettings:
    """The settings of STANZA with `over` on top."""
    return parse_input({**STANZA, **over}, "unit")
