"""A certificate authority of the stand-in's own, and the wildcard certificate of its endpoint."""

from __future__ import annotations

import ssl
from pathlib import Path


def make_tls(endpoint: str, workdir: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for `endpoint` and `*.endpoint`, and the PEM file of the authority behind it."""
    import trustme  # only the server needs it, not the control client

    authority = trustme.CA(organization_name="SLS stand-in")
    ca_file = workdir / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert(endpoint, f"*.{endpoint}").configure_cert(context)
    return context, ca_file
