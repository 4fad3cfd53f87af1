"""Stanzas of a conf as one caller's namespace sees them, and where that caller's writes go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .conf import SYSTEM, ConfStore, Layer, StanzaInDefaultError
from .conf_file import Stanza, is_true
from .envelopes import Acl, Value
from .errors import RestError, forbidden, no_object, not_removable
from .request import Request

WILDCARD = "-"


@dataclass(frozen=True)
class Seen:
    """One stanza as a namespace sees it. ``layer`` is the strongest layer that holds it."""

    name: str
    layer: Layer
    settings: Stanza
    removable: bool


def visible(store: ConfStore, conf: str, request: Request, private: bool = True) -> list[Seen]:
    """Every stanza of ``conf`` in the request's namespace; ``private`` adds the user's own layer."""
    if request.app == WILDCARD:
        return [seen for app in (SYSTEM, *store.apps()) for seen in _own(store, conf, app, request, private)]
    user = request.context_user if private else None
    return list(_merged(store, conf, store.layers(conf, request.context_app, user)))


def _own(store: ConfStore, conf: str, app: str, request: Request, private: bool) -> Iterator[Seen]:
    user = request.context_user if private else None
    layers = [layer for layer in store.layers(conf, app, user) if layer.app == app]
    return _merged(store, conf, layers)


def _merged(store: ConfStore, conf: str, layers: list[Layer]) -> Iterator[Seen]:
    settings: dict[str, Stanza] = {}
    owners: dict[str, Layer] = {}
    for layer in layers:
        for name, stanza in store.stanzas_of(layer, conf).items():
            settings.setdefault(name, {}).update(stanza)
            owners[name] = layer
    for name, layer in owners.items():
        removable = layer.user is not None or not store.in_default(conf, name, layer.app)
        yield Seen(name, layer, settings[name], removable)


def find(store: ConfStore, conf: str, name: str, request: Request, private: bool = True) -> Seen:
    """The stanza of that name. Raises RestError 404."""
    for seen in visible(store, conf, request, private):
        if seen.name == name:
            return seen
    raise no_object(name)


def acl(store: ConfStore, conf: str, seen: Seen) -> Acl:
    """Access data of a stanza from its layer and the app's metadata."""
    meta = store.meta.lookup(seen.layer.app, conf, seen.name)
    if seen.layer.user is not None:
        owner, sharing = seen.layer.user, "user"
    elif seen.layer.app == SYSTEM:
        owner, sharing = "nobody", SYSTEM
    else:
        owner, sharing = meta.owner or "nobody", "global" if meta.exported else "app"
    return Acl(seen.layer.app, owner, sharing, meta.read, meta.write, seen.removable)


def content(seen: Seen, defaults: Stanza) -> dict[str, Value]:
    """What a reader gets: the stanza over ``[default]``, and the keys splunkd adds by itself (observed)."""
    merged: dict[str, Value] = {**defaults, **seen.settings}
    merged["disabled"] = is_true(str(merged.get("disabled") or "0"))
    merged["eai:appName"] = seen.layer.app
    merged["eai:userName"] = seen.layer.user or "nobody"
    return merged


def write_app(store: ConfStore, request: Request) -> str:
    """The app that a create of this request writes to. Raises RestError for a wildcard or unknown app."""
    app = request.context_app
    if app == WILDCARD:
        raise RestError(400, "Cannot write to a wildcarded app namespace.")
    if app != SYSTEM and not store.app_dir(app).is_dir():
        raise RestError(404, f"Application does not exist: {app}")
    return app


def require(request: Request, capability: str = "admin_all_objects") -> None:
    """Raises RestError 403 when the caller's roles lack the capability."""
    if capability not in request.session.capabilities:
        raise forbidden(request.session.user, capability)


def change(store: ConfStore, conf: str, seen: Seen, request: Request, updates: Stanza, private: bool) -> None:
    """Merge settings into the request's own app, or into the stanza's app for a wildcard."""
    app = seen.layer.app if request.app in (WILDCARD, None) else request.context_app
    user = request.context_user if private else None
    store.write(app, conf, seen.name, updates, user)


def remove(store: ConfStore, conf: str, seen: Seen) -> None:
    """Delete the stanza where it lives. Raises RestError 400 when a default layer holds it."""
    try:
        store.delete(seen.layer.app, conf, seen.name, seen.layer.user)
    except StanzaInDefaultError as error:
        raise not_removable(seen.name, conf) from error
    except KeyError as error:
        raise no_object(seen.name) from error
