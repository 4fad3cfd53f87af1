"""Damaged and oversized answers."""

from __future__ import annotations

from .message import Request, Response
from .wire import compress, decompress, delimited


def _raw(response: Response) -> tuple[str, bytes]:
    codec = response.headers.get("x-log-compresstype", "")
    size = int(response.headers.get("x-log-bodyrawsize", "0") or "0")
    return codec, decompress(codec, response.body, size) if codec and size else response.body


def _pack(response: Response, codec: str, raw: bytes) -> Response:
    response.body = compress(codec, raw) if codec and raw else raw
    if "x-log-bodyrawsize" in response.headers:
        response.headers["x-log-bodyrawsize"] = str(len(raw))
    return response


def corrupt(mode: str, response: Response) -> Response:
    """Damage an answer: lz4 (block does not decode), protobuf (decodes, but is no message), rawsize (lies),
    codec (names another codec), json (cut in the middle)."""
    codec, raw = _raw(response)
    if mode == "lz4":
        # A first match that points before the start of the output: no decoder can accept it.
        response.body = b"\x0f\xff\xff" + response.body[3:] if response.body else b""
    elif mode == "protobuf":
        _pack(response, codec, raw[: max(len(raw) // 2, 1)] + b"\xff\xff\xff" if raw else raw)
    elif mode == "rawsize":
        response.headers["x-log-bodyrawsize"] = str(len(raw) + 7)
    elif mode == "codec":
        response.headers["x-log-compresstype"] = "zstd" if codec != "zstd" else "lz4"
    elif mode == "json":
        response.body = response.body[: len(response.body) // 2]
    else:
        raise ValueError(f"unknown damage {mode!r}")
    return response


def oversize(size: int, request: Request, response: Response) -> Response:
    """Add `size` bytes to the raw answer as a field readers must skip; codec and raw size stay right."""
    codec, raw = _raw(response)
    if "json" in response.headers.get("content-type", ""):
        response.body += b" " * size
        return response
    codec = codec or ("lz4" if "lz4" in request.header("accept-encoding") else "")
    if codec:
        response.headers["x-log-compresstype"] = codec
    return _pack(response, codec, raw + delimited(1000, bytes(size)))
