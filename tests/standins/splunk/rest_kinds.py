"""``data/inputs`` itself, and ``data/modular-inputs``: which kinds of input there are."""

from __future__ import annotations

from typing import Any

from .builtin_inputs import KINDS, BuiltinInputs
from .envelopes import Acl, Entry, Feed, Value, entity_path
from .errors import no_endpoint, no_object
from .instance import Instance
from .listing import paged
from .request import Request
from .rest_inputs import SchemeInputs
from .router import Routes

_KINDS = "data/inputs"
_MODULAR = "data/modular-inputs"


class InputKinds:
    """The list of kinds, and the way from a kind to its endpoint."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def routes(self) -> Routes:
        return {_KINDS: self.inputs, _MODULAR: self.modular, "data/inputs/all": self._all}

    def inputs(self, request: Request, rest: list[str]) -> Feed:
        """``data/inputs[/<kind>[/<name>[/<action>]]]``."""
        if not rest:
            return paged(self._feed(request, _KINDS, self._kinds(request)), request)
        scheme = self._instance.schemes().get(rest[0])
        if scheme is not None:
            return SchemeInputs(self._instance, scheme).handle(request, rest[1:])
        for length in (2, 1):
            kind = "/".join(rest[:length])
            if kind in KINDS:
                return BuiltinInputs(self._instance, kind).handle(request, rest[length:])
        if rest == ["tcp"]:
            return paged(self._feed(request, "data/inputs/tcp", self._below(request, "tcp/")), request)
        raise no_endpoint()

    def _all(self, request: Request, rest: list[str]) -> Feed:
        entries: list[Entry] = []
        for scheme in self._instance.schemes().values():
            entries += SchemeInputs(self._instance, scheme).entries(request)
        return paged(self._feed(request, "data/inputs/all", entries), request)

    def _kinds(self, request: Request) -> list[Entry]:
        top = {kind.partition("/")[0]: "/" not in kind for kind in KINDS}
        top.update(dict.fromkeys(self._instance.schemes(), True))
        return [self._kind(request, name, creatable) for name, creatable in top.items()]

    def _below(self, request: Request, prefix: str) -> list[Entry]:
        names = [kind[len(prefix) :] for kind in KINDS if kind.startswith(prefix)]
        return [self._kind(request, name, True, prefix) for name in names]

    def _kind(self, request: Request, name: str, creatable: bool, prefix: str = "") -> Entry:
        path = entity_path("nobody", request.context_app, f"{_KINDS}/{prefix}{name}")
        return _KindEntry(name, path, acl=Acl(request.context_app), verbs=("list",), creatable=creatable)

    # -- modular inputs

    def modular(self, request: Request, rest: list[str]) -> Feed:
        """``data/modular-inputs[/<scheme>]``: what ``--scheme`` said, read only."""
        if request.method != "GET":
            raise no_endpoint()
        schemes = self._instance.schemes()
        if not rest:
            entries = [_scheme_entry(scheme) for scheme in schemes.values()]
            return paged(self._feed(request, _MODULAR, entries), request)
        if rest[0] not in schemes:
            raise no_object(rest[0])
        return self._feed(request, _MODULAR, [_scheme_entry(schemes[rest[0]])])

    def _feed(self, request: Request, endpoint: str, entries: list[Entry]) -> Feed:
        path = entity_path(request.owner or "nobody", request.context_app, endpoint)
        return Feed(endpoint.rpartition("/")[2], path, entries)


class _KindEntry(Entry):
    """A kind of input; clients tell a kind from a folder by the ``create`` link (observed)."""

    def __init__(self, *args: Any, creatable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._creatable = creatable

    def links(self) -> dict[str, str]:
        create = {"create": f"{self.path}/_new"} if self._creatable else {}
        return {**super().links(), **create}


def _scheme_entry(scheme: Any) -> Entry:
    args: dict[str, Value] = {arg.name: _arg(arg) for arg in scheme.args.values()}
    content: dict[str, Value] = {
        "title": scheme.title,
        "description": scheme.description,
        "streaming_mode": scheme.streaming_mode,
        "use_external_validation": scheme.use_external_validation,
        "use_single_instance": scheme.use_single_instance,
        "endpoint": {"args": args},
    }
    path = entity_path("nobody", scheme.app, _MODULAR, scheme.name)
    return Entry(scheme.name, path, content, Acl(scheme.app, sharing="global"), verbs=("list",))


def _arg(arg: Any) -> dict[str, Value]:
    return {
        "title": arg.title,
        "description": arg.description,
        "data_type": arg.data_type,
        "required_on_create": arg.required_on_create,
        "required_on_edit": arg.required_on_edit,
    }
