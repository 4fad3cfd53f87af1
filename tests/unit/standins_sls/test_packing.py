"""What the SLS stand-in remembers of packed bodies."""

from __future__ import annotations

from tests.standins.sls.packing import Packs, pack
from tests.standins.sls.wire import decompress


def frames(text: bytes, count: int = 3) -> list[bytes]:
    """New objects at each call, of 100 bytes each."""
    return [bytes(bytearray(text.ljust(100, b"."))) for _ in range(count)]


def test_the_same_frames_are_packed_once_per_codec() -> None:
    packs, some = Packs(), frames(b"a")
    first = packs.pack(some, "lz4")
    assert packs.pack(list(some), "lz4") is first
    assert packs.pack(some, "zstd") is not first
    assert decompress("lz4", first.body, first.raw_size) == b"".join(some)


def test_equal_bytes_in_other_objects_are_not_taken_for_the_same() -> None:
    packs = Packs()
    assert packs.pack(frames(b"a"), "lz4") is not packs.pack(frames(b"a"), "lz4")


def test_frames_are_held_so_that_no_others_come_to_their_identity() -> None:
    packs = Packs()
    for number in range(2000):
        text = b"%d" % number
        made = packs.pack(frames(text), "")
        assert made.body.startswith(text.ljust(100, b"."))


def test_the_oldest_goes_when_the_bound_is_reached() -> None:
    packs, one, two, three = Packs(600), frames(b"1"), frames(b"2"), frames(b"3")
    first, second = packs.pack(one, ""), packs.pack(two, "")
    assert packs.pack(one, "") is first
    packs.pack(three, "")
    assert packs.pack(one, "") is first
    assert packs.pack(two, "") is not second, "the one that was not asked for longest"
    huge = frames(b"4", 50)
    assert packs.pack(huge, "") is not packs.pack(huge, ""), "more than the bound is not remembered"


def test_nothing_is_nothing_in_every_codec() -> None:
    for codec in ("", "lz4", "zstd", "deflate"):
        assert (Packs().pack([], codec).body, pack([], codec).raw_size) == (b"", 0)
