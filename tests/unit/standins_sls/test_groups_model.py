"""Any sequence of calls keeps the promises of a consumer group."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.standins.sls.errors import SlsError
from tests.standins.sls.groups import ALLOC, NOT_ALLOC, OVER, TRANSFER, WAIT, ConsumerGroup, ShardView
from tests.standins.sls.knobs import Knobs

NAMES = st.sampled_from("abcd")


class Members(RuleBasedStateMachine):
    """Well-behaved consumers: each names what it holds and gives up what the answer leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.group = ConsumerGroup("cg", 10, True, Knobs())
        self.shards = [ShardView(0, False, (), 5, False), ShardView(1, False, (), 5, False)]
        self.held: dict[str, set[int]] = {}
        self.now = 0.0
        self.finished: set[int] = set()

    @rule(name=NAMES, keep=st.booleans())
    def beat(self, name: str, keep: bool) -> None:
        """A heartbeat; with `keep` the consumer is still busy with what it must give up."""
        held = self.held.get(name, set())
        try:
            mine = set(self.group.heartbeat(name, held, self.shards, self.now))
        except SlsError as exc:
            assert exc.code == "NotExistConsumerWithBody"
            self.held[name] = set()
            return
        self.held[name] = held | mine if keep else mine

    @rule(seconds=st.sampled_from([1.0, 4.0, 11.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; whoever was silent for too long knows it (clients keep the same time-out)."""
        self.now += seconds
        for name in list(self.held):
            member = self.group.consumers.get(name)
            if member is None or self.now - member.last_beat > self.group.timeout:
                del self.held[name]

    @rule(pick=st.integers(0, 20))
    def split(self, pick: int) -> None:
        """Split one of the readwrite shards."""
        open_shards = [view for view in self.shards if not view.readonly]
        if len(self.shards) > 10:
            return
        parent = open_shards[pick % len(open_shards)]
        self.shards = [v if v != parent else ShardView(v.id, True, v.parents, 5, False) for v in self.shards]
        first = max(view.id for view in self.shards) + 1
        self.shards += [ShardView(n, False, (parent.id,), 5, False) for n in (first, first + 1)]

    @rule(pick=st.integers(0, 20), end=st.booleans())
    def checkpoint(self, pick: int, end: bool) -> None:
        """A forced checkpoint, at the end or before."""
        view = self.shards[pick % len(self.shards)]
        self.group.update_checkpoint(
            view.id, "x", 5 if end else 3, "", force=True, views=self.shards, now_us=1
        )
        if end and view.readonly:
            self.finished.add(view.id)

    @invariant()
    def nobody_reads_what_another_reads(self) -> None:
        """A shard is in one well-behaved consumer's hands at a time; one finished by force may be in two."""
        for number in set(self.group.shards) - self.finished:
            holders = [name for name, held in self.held.items() if number in held]
            assert len(holders) <= 1

    @invariant()
    def states_are_consistent(self) -> None:
        """Owner and next fit the state, and both are members."""
        for entry in self.group.shards.values():
            assert bool(entry.owner) == (entry.state in (ALLOC, TRANSFER))
            assert bool(entry.next) == (entry.state == TRANSFER)
            assert entry.state in (NOT_ALLOC, ALLOC, TRANSFER, WAIT, OVER)
            assert {entry.owner, entry.next} - {""} <= set(self.group.consumers)

    def teardown(self) -> None:
        """When everyone keeps beating, all that can be read is spread evenly."""
        self.now += 11.0
        self.held.clear()
        for _ in range(6):
            for name in "ab":
                self.beat(name, False)
        loads = [len(self.held["a"]), len(self.held["b"])]
        readable = [n for n, a in self.group.shards.items() if a.state not in (WAIT, OVER)]
        assert sorted(self.held["a"] | self.held["b"]) == sorted(readable)
        assert abs(loads[0] - loads[1]) <= 1


TestMembers = Members.TestCase
TestMembers.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
