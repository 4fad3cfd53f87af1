"""SPL on the consumption path: `<search> | where ... | project a, b | project-away a | extend a = 'x'`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .boolean import Condition, ConditionError, Tokens, search, unquote, where
from .errors import bad, invalid, missing
from .wire import Log, LogGroup, Pair, decode_group, encode_group, frame, read_varint

Step = Callable[[LogGroup, Log], "Log | None"]


def fields_of_log(group: LogGroup, log: Log) -> dict[str, str]:
    """A log as one flat mapping: contents over tags over topic, source and time."""
    flat = {
        "__time__": str(log.time),
        "__topic__": group.topic.decode("utf-8", "replace"),
        "__source__": group.source.decode("utf-8", "replace"),
    }
    flat.update(
        (f"__tag__:{k.decode('utf-8', 'replace')}", v.decode("utf-8", "replace")) for k, v in group.tags
    )
    flat.update((k.decode("utf-8", "replace"), v.decode("utf-8", "replace")) for k, v in log.contents)
    return flat


@dataclass(frozen=True)
class Filter:
    """A compiled SPL text."""

    steps: tuple[Step, ...]

    def frames(self, frames: list[bytes]) -> tuple[list[bytes], int, int]:
        """Frames that have logs left, lines read, lines kept; raises WireError on damaged data."""
        kept, lines, results = [], 0, 0
        for item in frames:
            group = decode_group(item[read_varint(item, 1)[1] :])
            lines += len(group.logs)
            group.logs = [log for log in (self._log(group, log) for log in group.logs) if log is not None]
            results += len(group.logs)
            if group.logs:
                kept.append(frame(encode_group(group)))
        return kept, lines, results

    def _log(self, group: LogGroup, log: Log) -> Log | None:
        current: Log | None = log
        for step in self.steps:
            if current is None:
                return None
            current = step(group, current)
        return current


def filter_for(processors: Mapping[str, dict[str, Any]], query: str, processor: str) -> Filter | None:
    """The filter of a pull; raises ParameterInvalid for SPL outside the subset."""
    if query and processor:
        raise invalid("query and processor exclude each other")
    if processor:
        if processor not in processors:
            raise missing("ConsumeProcessorNotExist", f"consume processor {processor} does not exist")
        return compile_spl(processors[processor]["configuration"]["spl"])
    return compile_spl(query) if query else None


@lru_cache(maxsize=256)
def compile_spl(text: str) -> Filter:
    """Compile SPL; raises 400 ParameterInvalid for what is not understood."""
    try:
        head, *commands = _pipes(text)
        return Filter((_keep(search(head)), *(_command(command.strip()) for command in commands)))
    except ConditionError as exc:
        raise bad("ParameterInvalid", f"invalid spl query: {exc}") from None


def _pipes(text: str) -> list[str]:
    """Cut at | outside quotes."""
    return re.findall(r"""(?:^|(?<=\|))((?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^|'"])*)""", text)


def _keep(condition: Condition) -> Step:
    return lambda group, log: log if condition(fields_of_log(group, log)) else None


def _command(text: str) -> Step:
    name, _, rest = text.partition(" ")
    if name == "where":
        return _keep(where(rest))
    if name == "project":
        wanted = _names(rest)
        return lambda group, log: _with(log, [pair for pair in log.contents if pair[0] in wanted])
    if name == "project-away":
        gone = _names(rest)
        return lambda group, log: _with(log, [pair for pair in log.contents if pair[0] not in gone])
    if name == "extend":
        return _extend(rest)
    raise ConditionError(f"unknown command {name!r}")


def _with(log: Log, contents: list[Pair]) -> Log:
    return Log(log.time, contents, log.time_ns)


def _names(text: str) -> set[bytes]:
    names = {unquote(kind, word).encode() for kind, word in Tokens(text).items if kind != "op"}
    if not names:
        raise ConditionError("field names expected")
    return names


def _extend(text: str) -> Step:
    tokens = Tokens(text)
    name = unquote(*tokens.next()).encode()
    tokens.expect("=")
    kind, value = tokens.next()
    if kind != "single" or tokens.peek()[0]:
        raise ConditionError("extend takes one quoted text")
    added = (name, unquote(kind, value).encode())
    return lambda group, log: _with(log, [pair for pair in log.contents if pair[0] != name] + [added])
