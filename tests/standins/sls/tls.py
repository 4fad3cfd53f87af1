"""A certificate authority of the stand-in's own, and the wildcard certificate of its endpoint."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

CERTIFICATES = ("good", "expired", "other name", "self-signed")


class Certificates:
    """A CA and what it signs; `ca_file` is its PEM file in `workdir`."""

    def __init__(self, endpoint: str, workdir: Path) -> None:
        import trustme  # only the server needs it, not the control client

        self._names, self._workdir = (endpoint, f"*.{endpoint}"), workdir
        self._authority: Any = trustme.CA(organization_name="SLS stand-in")
        self.ca_file = workdir / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))

    def context(self, kind: str = "good") -> ssl.SSLContext:
        """A server context with one of CERTIFICATES."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if kind == "self-signed":
            self._own(context)
        elif kind == "other name":
            self._authority.issue_cert("elsewhere.test").configure_cert(context)
        elif kind == "expired":
            ended = datetime(2020, 1, 1, tzinfo=timezone.utc)
            self._authority.issue_cert(*self._names, not_after=ended).configure_cert(context)
        elif kind == "good":
            self._authority.issue_cert(*self._names).configure_cert(context)
        else:
            raise ValueError(f"unknown certificate {kind!r}, known: {', '.join(CERTIFICATES)}")
        return context

    def _own(self, context: ssl.SSLContext) -> None:
        """A certificate that nobody else has signed: that of another CA, which serves with it itself."""
        import trustme

        other = trustme.CA(organization_name="nobody")
        pem = self._workdir / "self-signed.pem"
        pem.write_bytes(other.private_key_pem.bytes() + other.cert_pem.bytes())
        context.load_cert_chain(pem)
