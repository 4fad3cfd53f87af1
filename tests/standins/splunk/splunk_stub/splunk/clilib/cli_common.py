"""Settings of conf files, asked from splunkd."""

from __future__ import annotations

import json
from typing import Any

from .. import rest


def getConfStanza(conf: str, stanza: str) -> dict[str, Any]:  # noqa: N802 - the real name
    """All settings of a stanza."""
    path = f"/servicesNS/nobody/-/configs/conf-{conf}/{stanza}"
    _, content = rest.simpleRequest(path, getargs={"output_mode": "json"})
    return dict(json.loads(content)["entry"][0]["content"])


def getConfKeyValue(conf: str, stanza: str, key: str) -> Any:  # noqa: N802 - the real name
    return getConfStanza(conf, stanza).get(key)


def getMgmtUri() -> str:  # noqa: N802 - the real name
    return str(rest.makeSplunkdUri().rstrip("/"))
