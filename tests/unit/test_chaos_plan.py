"""Which faults come when: every kind, equally often, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos import plan
from tests.chaos.__main__ import parse, plans
from tests.chaos.driver import facts_of
from tests.chaos.faults import KINDS

FAMILIES = {kind.family for kind in KINDS.values()}


@given(st.integers(1, 200), st.integers(0, 999))
def test_no_kind_comes_oftener_than_another(faults: int, seed: int) -> None:
    counts = Counter(plan.deck("abcdefg", faults, random.Random(seed)))
    assert sum(counts.values()) == faults
    assert max(counts.values()) - min(counts.get(kind, 0) for kind in "abcdefg") <= 1


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.integers(1, 6))
def test_dealing_loses_no_card_and_loads_evenly(cards: list[str], cells: int) -> None:
    seconds = {"a": 1.0, "b": 4.0, "c": 9.0, "d": 30.0}
    hands = plan.deal(cards, cells, seconds.__getitem__)
    assert Counter(card for hand in hands for card in hand) == Counter(cards)
    loads = [sum(map(seconds.__getitem__, hand)) for hand in hands]
    assert max(loads) - min(loads) <= 30.0


@given(st.integers(0, 999))
def test_only_faults_that_can_be_told_apart_overlap(seed: int) -> None:
    facts = facts_of(short=False)
    rng = random.Random(seed)
    cards = plan.deck(list(KINDS), 3 * len(KINDS), rng)
    planned = plan.episodes(cards, facts, rng, share=0.5)
    assert Counter(kind for episode in planned for kind in episode) == Counter(cards)
    pairs = [episode for episode in planned if len(episode) == 2]
    assert pairs
    for first, second in pairs:
        assert plan.may_overlap(facts[first].family, facts[second].family)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_what_must_be_alone_is_alone(family: str) -> None:
    assert not plan.may_overlap("alone", family)


def test_the_table_uses_no_family_that_the_plan_does_not_know() -> None:
    paired = {family for pair in plan._MAY_OVERLAP for family in pair}
    assert FAMILIES - {"alone"} == paired


def test_a_seed_says_everything_and_another_one_something_else() -> None:
    asked = ["--faults", "90", "--events", "1000"]
    assert plans(parse([*asked, "--seed", "3"])) == plans(parse([*asked, "--seed", "3"]))
    assert plans(parse([*asked, "--seed", "3"])) != plans(parse([*asked, "--seed", "4"]))


def test_a_short_run_has_every_kind_once_and_every_log_a_cell() -> None:
    made = plans(parse(["--short"]))
    assert sorted(kind for cell in made for episode in cell["episodes"] for kind in episode) == sorted(KINDS)
    assert sum(cell["events"] for cell in made) == 300_000
    assert len({cell["seed"] for cell in made}) == len(made)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SystemExit, match="unknown kinds: flood"):
        parse(["--kinds", "poison,flood"])
