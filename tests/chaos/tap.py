"""Where events arrive: from the forwarders' event pipes into one ledger."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.standins.ledger import NUMBER_FIELD, number_in

from .ledger import BulkLedger

NOTICES = {"alibaba:sls:gap": "gap", "alibaba:sls:quarantine": "quarantine"}
_USUAL = f'{{"{NUMBER_FIELD}":"'
_SOURCETYPE, _RAW, _ARRIVED = 4, 5, 8  # columns of a row of the Splunk stand-in
_MOST_STRANGERS = 100


@dataclass(frozen=True)
class Notice:
    """What the add-on says of logs that it cannot deliver: `kind` gap or quarantine, `at` epoch seconds."""

    kind: str
    at: float
    reader: int
    fields: dict[str, Any]


class Tap:
    """Takes rows of all forwarders of a cell. `lock` guards the ledger, also for whoever else touches it."""

    def __init__(self, ledger: BulkLedger) -> None:
        self.ledger = ledger
        self.lock = threading.RLock()
        self.notices: list[Notice] = []
        self.strangers: list[str] = []  #: events that are neither numbered nor a notice (the first ones)

    def of(self, reader: int) -> Callable[[Sequence[Any]], None]:
        """What forwarder number `reader` is to call with its rows."""
        return lambda rows: self._take(reader, rows)

    def _take(self, reader: int, rows: Sequence[Any]) -> None:
        with self.lock:
            for row in rows:
                number = _number(row[_RAW])
                if number is not None:
                    self.ledger.arrive(number, row[_ARRIVED], reader)
                else:
                    self._other(reader, row)

    def _other(self, reader: int, row: Any) -> None:
        kind = NOTICES.get(row[_SOURCETYPE])
        if kind is not None:
            self.notices.append(Notice(kind, row[_ARRIVED], reader, json.loads(row[_RAW])))
        elif len(self.strangers) < _MOST_STRANGERS:
            self.strangers.append(row[_RAW][:200])


def _number(raw: str) -> int | None:
    if raw.startswith(_USUAL):
        text: str | None = raw[len(_USUAL) : len(_USUAL) + 9]
    else:
        text = number_in(raw)
    return int(text) if text is not None and text.isdigit() else None
