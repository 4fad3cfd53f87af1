"""What a failure is shown with: which logs, when they were produced, and what was logged around then."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .site import Site

_BLOCKS, _LINES = 12, 60  # most LogGroups, and most lines of each log
_BEFORE, _AFTER = 3.0, 12.0  # seconds around a moment


def of_missing(site: Site) -> list[str]:
    """The LogGroups that lack logs, and the logs around the time of the first of them."""
    with site.tap.lock:
        blocks = list(islice(site.ledger.missing_blocks(), _BLOCKS))
    if not blocks:
        return []
    lines = []
    for block, numbers in blocks:
        lines.append(
            f"missing {len(numbers)} of {block.last - block.first + 1} logs, numbers {numbers[0]} to "
            f"{numbers[-1]}, shard {block.shard}, position {block.position}, produced {_clock(block.at)}; "
            f"checkpoint {site.watcher.saved_position(block.shard)}"
        )
    first = min(block.at for block, _ in blocks)
    return lines + around(site, first - _BEFORE, first + _AFTER)


def around(site: Site, begin: float, end: float) -> list[str]:
    """Journal, add-on logs and splunkd.log between two epoch seconds."""
    lines = [f"journal: {line}" for line in site.journal.around(begin, end)[-_LINES:]]
    for member in site.members:
        lines += [f"{member.home.name}: {line}" for line in member.log_lines(begin, end)[-_LINES:]]
    return lines


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at)) + f"{at % 1:.3f}"[1:]
