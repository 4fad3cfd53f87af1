"""Answers socket.getaddrinfo for the host names of the tests, in child Pythons only; a stand-in for DNS.

SPLUNK_STANDIN_RESOLVE holds a JSON object of host name patterns (`*.sls.test`) and the address each one gets;
`@<file>` is read at each look-up, and a missing file is a name server that does not answer. An address with a
port (`127.0.0.1:8080`) leads to that port, and a pattern may be an address, so that a service with a fixed
address can have a stand-in too.
Without it nothing is changed. Runs in every Python that a test starts, so: standard library only, lazily.
"""

# ruff: noqa: PTH100, PTH120
# (pathlib would slow down the start of every child)
from __future__ import annotations

import os
import sys


def _patch(table: dict[str, str]) -> None:
    import fnmatch
    import functools
    import socket

    real = socket.getaddrinfo

    @functools.wraps(real)
    def getaddrinfo(host, port=None, *args, **kwargs):  # type: ignore[no-untyped-def]
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode("idna")
        if isinstance(host, str):
            name = host.lower().rstrip(".")
            for pattern, address in table.items():
                if fnmatch.fnmatchcase(name, pattern.lower()):
                    host, _, other = _looked_up(address).partition(":")
                    port = other or port
                    break
        return real(host, port, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


def _looked_up(address: str) -> str:
    import socket

    if not address.startswith("@"):
        return address
    try:
        with open(address[1:]) as zone:  # noqa: PTH123
            return zone.read().strip()
    except OSError:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution") from None


def _patch_when_socket_is_imported(table: dict[str, str]) -> None:
    """Importing socket would cost every child some milliseconds at its start, so wait for the first use."""
    from importlib.machinery import PathFinder

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):  # type: ignore[no-untyped-def]
            if name != "socket":
                return None
            sys.meta_path.remove(Finder)
            spec = PathFinder.find_spec(name, path, target)
            load = spec.loader.exec_module  # type: ignore[union-attr]

            def exec_module(module):  # type: ignore[no-untyped-def]
                load(module)
                _patch(table)

            spec.loader.exec_module = exec_module  # type: ignore[union-attr, method-assign]
            return spec

    if "socket" in sys.modules:
        _patch(table)
    else:
        sys.meta_path.insert(0, Finder)


def _run_shadowed_sitecustomize() -> None:
    """Ours hides any other sitecustomize further down sys.path; run that one too, as site would have."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    spec = PathFinder.find_spec("sitecustomize", [p for p in sys.path if os.path.abspath(p or ".") != here])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


def _main() -> None:
    text = os.environ.get("SPLUNK_STANDIN_RESOLVE")
    if text:
        import json

        _patch_when_socket_is_imported(json.loads(text))
    _run_shadowed_sitecustomize()


_main()
