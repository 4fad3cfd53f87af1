"""A container engine for tests: the part of the Docker Engine API that tests/docker uses, on a socket."""

from tests.standins.engine.server import Engine

__all__ = ["Engine"]
