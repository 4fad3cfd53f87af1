"""What the REST endpoints share: the parts of one running instance."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from .auth import Auth
from .conf import ConfStore
from .knobs import Knobs


@dataclass
class Instance:
    """Parts of the instance; the composition binds the callables after the endpoints are built."""

    home: Path
    conf: ConfStore
    auth: Auth
    knobs: Knobs
    server_name: str
    log: Any
    store: Any
    runner: Any = None
    guid: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    #: Scheme name -> what ``--scheme`` told about it.
    schemes: Callable[[], dict[str, Any]] = dict
    #: Called with scheme and stanza (None = all) after inputs.conf changed.
    inputs_changed: Callable[[str, str | None], None] = lambda scheme, stanza: None
    #: None = accepted, else the refusal's text: (scheme, bare stanza name, parameters, session key).
    validate: Callable[[Any, str, dict[str, str], str], str | None] = lambda *_: None
    mgmt_url: Callable[[], str] = lambda: ""
    install: Callable[[Path], str] = lambda spl: ""
    remove_app: Callable[[str], None] = lambda app: None
    restart: Callable[[], None] = lambda: None

    def known_indexes(self) -> set[str]:
        """Names of the enabled indexes of indexes.conf."""
        from .conf_file import is_true

        merged = self.conf.merged("indexes")
        return {name for name, keys in merged.items() if is_index(name) and not is_true(keys.get("disabled"))}


def is_index(stanza: str) -> bool:
    """True when a stanza of indexes.conf describes an index and not a volume, provider or default."""
    return stanza != "default" and ":" not in stanza
