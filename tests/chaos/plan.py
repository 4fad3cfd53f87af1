"""Which faults, in which cell, in which order: all drawn from the seed, every kind equally often. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

OVERLAP_SHARE = 0.15  # of the episodes have two faults at once


class KindFacts(NamedTuple):
    """What planning needs to know of a kind. `seconds`: what one fault of it takes, recovery included."""

    family: str
    seconds: float


# Faults of these families may run into each other. All others would hide each other (whoever is cut off sees
# no damaged answers), use the same lever, or make it unsayable who has to answer for a loss: what retention
# takes cannot be told from what got lost.
_SLS, _MACHINE = ("pull", "group", "outage"), ("input", "splunkd", "reading", "shards")
_MAY_OVERLAP = frozenset(
    frozenset(pair)
    for pair in (
        ("pull", "group"),
        *((sls, other) for sls in _SLS for other in _MACHINE),
        *(("access", other) for other in ("pull", "input", "reading", "shards")),
        *(("shards", other) for other in ("input", "splunkd", "reading")),
        *(("reading", other) for other in ("input", "splunkd")),
    )
)


def may_overlap(first: str, second: str) -> bool:
    """Whether faults of these two families can be told apart when they strike at the same time."""
    return frozenset((first, second)) in _MAY_OVERLAP


def deck(kinds: Sequence[str], faults: int, rng: random.Random) -> list[str]:
    """`faults` kinds, shuffled; no kind comes more than once oftener than another."""
    cards: list[str] = []
    while len(cards) < faults:
        cards += rng.sample(list(kinds), len(kinds))
    return cards[:faults]


def deal(cards: Sequence[str], cells: int, seconds: Callable[[str], float]) -> list[list[str]]:
    """Share the cards among cells so that all take about as long; a cell keeps the deck's order."""
    hands: list[list[int]] = [[] for _ in range(cells)]
    load = [0.0] * cells
    for index in sorted(range(len(cards)), key=lambda i: (-seconds(cards[i]), i)):
        cell = load.index(min(load))
        hands[cell].append(index)
        load[cell] += seconds(cards[index])
    return [[cards[index] for index in sorted(hand)] for hand in hands]


def episodes(
    cards: Sequence[str],
    facts: Mapping[str, KindFacts],
    rng: random.Random,
    share: float = OVERLAP_SHARE,
) -> list[list[str]]:
    """The cards in order, one by one or in pairs that may overlap; `share` of the episodes are pairs."""
    waiting, planned = list(cards), []
    while waiting:
        episode = [waiting.pop(0)]
        if rng.random() < share:
            family = facts[episode[0]].family
            partner = next((c for c in waiting if may_overlap(family, facts[c].family)), None)
            if partner is not None:
                waiting.remove(partner)
                episode.append(partner)
        planned.append(episode)
    return planned


def expected_seconds(planned: Sequence[Sequence[str]], facts: Mapping[str, KindFacts], pause: float) -> float:
    """How long a cell's episodes take, `pause` seconds between two of them included."""
    return sum(max(facts[kind].seconds for kind in episode) + pause for episode in planned)
