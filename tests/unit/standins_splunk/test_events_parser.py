"""The strict reader: grammar, problems, the cost of malformed XML, and that reads may be cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.standins.splunk.events import StreamParser
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.xml_handlers import XmlEvent

GOOD = (
    b'<stream>\n<event stanza="s://a" unbroken="1"><time>1.500</time><source>x</source>'
    b"<sourcetype>t</sourcetype><index>main</index><host>h</host><data>one &amp; two</data><done /></event>"
    b"<event>\n<data>\xc3\xa9&#233;</data><time>2</time></event>\n</stream>\n"
    b"<stream><event><data><![CDATA[<x>]]></data></event>"
)
GOOD_EVENTS = [
    XmlEvent("s://a", True, "1.500", "x", "t", "main", "h", "one & two", True),
    XmlEvent(None, False, "2", None, None, None, None, "éé", False),
    XmlEvent(None, False, None, None, None, None, None, "<x>", False),
]


class Outcome:
    """Everything that a reader does with some reads."""

    def __init__(self, reads: Iterable[bytes], knobs: Knobs | None = None) -> None:
        self.problems: list[tuple[str, str]] = []
        parser = StreamParser(knobs or Knobs(), lambda kind, text: self.problems.append((kind, text)))
        self.events: list[XmlEvent] = []
        for read in reads:
            self.events += parser.feed(read)
        rest, self.cut = parser.close()
        self.events += rest
        self.lost = parser.lost

    @property
    def raws(self) -> list[str | None]:
        return [event.data for event in self.events]

    def facts(self) -> tuple[object, ...]:
        return self.events, self.cut, self.lost, self.problems


def wrap(inner: bytes) -> bytes:
    return b"<stream><event><data>first</data></event>" + inner + b"<event><data>last</data></event></stream>"


@pytest.mark.parametrize("fast", [True, False])
def test_it_reads_what_the_client_libraries_write(fast: bool) -> None:
    outcome = Outcome([GOOD], Knobs(fast_lane=fast))
    assert outcome.facts() == (GOOD_EVENTS, False, False, [])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("fast", [True, False])
def test_events_are_given_as_soon_as_they_are_complete(size: int, fast: bool) -> None:
    parser = StreamParser(Knobs(fast_lane=fast), lambda *_: None)
    text = b"<stream><event><data>x</data></event>"
    got = [parser.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert len(got[-1]) == 1


@pytest.mark.parametrize(
    ("inner", "kinds", "kept"),
    [
        (b"<other>x</other>", ["unknown_element"], 2),
        (b"<event><data>a<b>c</b></data></event>", ["unknown_element"], 3),
        (b"<event colour='red'><data>x</data></event>", ["unknown_attribute"], 3),
        (b"<event><data a='1'>x</data></event>", ["unknown_attribute"], 3),
        (b"<event unbroken='yes'><data>x</data></event>", ["bad_unbroken"], 3),
        (b"<event><data>x</data><data>y</data></event>", ["duplicate_child"], 3),
        (b"<event><data>x</data>junk</event>", ["stray_text"], 3),
        (b"junk", ["stray_text"], 2),
        (b"<event><data>x</data><done>1</done></event>", ["done_not_empty"], 3),
        (b"<!-- <event><data>x</data></event> -->", ["comment"], 2),
        (b"<event/>", [], 3),
    ],
)
@pytest.mark.parametrize("fast", [True, False])
def test_what_xml_allows_but_the_grammar_does_not_is_reported(
    inner: bytes, kinds: list[str], kept: int, fast: bool
) -> None:
    outcome = Outcome([wrap(inner)], Knobs(fast_lane=fast))
    assert [kind for kind, _ in outcome.problems] == kinds
    assert (len(outcome.events), outcome.raws[-1], outcome.lost) == (kept, "last", False)


MALFORMED = [
    (b"<event><data>a\x01b</data></event>", "control_char"),
    (b"<event><data>a\x00b</data></event>", "control_char"),
    (b"<event><data>&#8;</data></event>", "control_char"),
    (b"<event><data>\xef\xbf\xbe</data></event>", "control_char"),
    (b"<event><data>\xff</data></event>", "invalid_utf8"),
    (b"<event><data>\xed\xa0\x80</data></event>", "invalid_utf8"),
    (b"<event><data>\xc3(</data></event>", "invalid_utf8"),
    (b"<event><data>a & b</data></event>", "malformed_xml"),
    (b"<event><data>a &nbsp; b</data></event>", "malformed_xml"),
    (b"<event><data>]]></data></event>", "malformed_xml"),
    (b"<event><data>x</dat></event>", "malformed_xml"),
    (b"</stream>text outside<stream>", "malformed_xml"),
    (b"</stream></stream>", "malformed_xml"),
    (b"</stream><?xml version='1.0'?><stream>", "malformed_xml"),
    (b"</stream><!DOCTYPE x><stream>", "malformed_xml"),
]


@pytest.mark.parametrize(("inner", "kind"), MALFORMED)
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_malformed_xml_costs_everything_after_it(inner: bytes, kind: str, fast: bool, size: int) -> None:
    text = wrap(inner)
    reads = [text[start : start + size] for start in range(0, len(text), size)]
    outcome = Outcome(reads, Knobs(fast_lane=fast))
    assert [found for found, _ in outcome.problems] == [kind]
    assert outcome.lost
    assert "last" not in outcome.raws


@pytest.mark.parametrize(("inner", "kind"), MALFORMED)
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_or_only_the_event_it_is_in(inner: bytes, kind: str, size: int) -> None:
    text = wrap(inner)
    reads = [text[start : start + size] for start in range(0, len(text), size)]
    outcome = Outcome(reads, Knobs(malformed_xml="skip_event"))
    assert [found for found, _ in outcome.problems] == [kind]
    assert outcome.raws == ["first", "last"]


def test_or_only_the_characters_themselves() -> None:
    text = wrap(b"<event><data>a\x01b\xff\xe2\x82\xacc\xef\xbf\xbf</data></event>")
    whole = Outcome([text], Knobs(malformed_xml="drop_char"))
    bytewise = Outcome([bytes([byte]) for byte in text], Knobs(malformed_xml="drop_char"))
    assert whole.raws == ["first", "ab€c", "last"] == bytewise.raws
    assert {kind for kind, _ in whole.problems} == {"control_char", "invalid_utf8"}


def test_or_the_process_its_life() -> None:
    parser = StreamParser(Knobs(malformed_xml="kill_input"), lambda *_: None)
    parser.feed(b"<stream>& ")
    assert parser.kill_wanted


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (b"", False),
        (b"<stream>", False),
        (b"<stream></stream>\n", False),
        (b"<stream><event><data>x", True),
        (b"<stream><event><data>x</data>", True),
        (b"<stream><event><data>x</data></event><ev", True),
        (b"<str", True),
    ],
)
@pytest.mark.parametrize("fast", [True, False])
def test_an_end_inside_an_event_is_told(text: bytes, cut: bool, fast: bool) -> None:
    outcome = Outcome([text], Knobs(fast_lane=fast))
    assert (outcome.cut, outcome.problems) == (cut, [])


def test_a_problem_says_where_it_is() -> None:
    text = wrap(b"<event><data>a\x01b</data></event>")
    assert Outcome([text]).problems == [
        ("control_char", f"not well-formed (invalid token) at byte {text.index(1)}")
    ]


# -- any cut, either lane: the same

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(escape)
blanks = st.sampled_from(["", "\n", " \t", "\r\n"])


@st.composite
def plain_events(draw: st.DrawFn) -> str:
    children = [
        f"<{name}>{draw(texts)}</{name}>" for name in ("time", "source", "index", "host", "sourcetype")
    ]
    chosen = draw(st.lists(st.sampled_from(children), unique=True, max_size=3))
    done = draw(st.sampled_from(["", "<done/>", "<done />", "<done></done>"]))
    parts = [*chosen, f"<data>{draw(texts)}</data>", done]
    stanza = draw(st.sampled_from(["", ' stanza="toy://a"', " stanza='b&amp;c'", ' unbroken="1"']))
    return f"<event{stanza}>" + draw(blanks).join(parts) + "</event>" + draw(blanks)


odd_parts = st.sampled_from(
    ["</stream>", "<stream>", "&", "]]>", "junk", "<event>", "</event>", "<x>", "</x>", "&#1;", "&#65;",
     "<?pi?>", "é", "\x01", "\ufffe", "<![CDATA[ ", "<!-- <event> -->",
     '<event stanza="><event><data>x</data></event>'],
)  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    parts = draw(st.lists(plain_events(), max_size=6))
    for part in draw(st.lists(odd_parts, max_size=2)):
        parts.insert(draw(st.integers(0, len(parts))), part)
    text = "<stream>" + "".join(parts) + draw(st.sampled_from(["", "</stream>", "</stream>\n"]))
    damage = draw(st.sampled_from([b"", b"", b"\xff", b"\xc3"]))
    data = text.encode()
    place = draw(st.integers(0, len(data)))
    return data[:place] + damage + data[place:]


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in zip(marks, marks[1:])]


def kinds(outcome: Outcome) -> set[tuple[str, str]]:
    """The problems; whether text just before an error is handed over at all depends on the split."""
    is_broken = any(kind == "malformed_xml" for kind, _ in outcome.problems)
    return {found for found in outcome.problems if not (is_broken and found[0] == "stray_text")}


@given(streams(), st.lists(st.integers(0, 10_000), max_size=6))
@example(GOOD, [3, 50, 200])
@example(b"<stream>junk]]>", [9])
def test_any_split_gives_the_same_result(data: bytes, cuts: list[int]) -> None:
    whole, cut = Outcome([data]), Outcome(split(data, cuts))
    assert cut.facts()[:3] == whole.facts()[:3]
    assert kinds(cut) == kinds(whole)


@given(streams(), st.lists(st.integers(0, 10_000), max_size=6))
@example(GOOD, [3, 50, 200])
def test_the_fast_lane_gives_what_expat_gives(data: bytes, cuts: list[int]) -> None:
    fast, slow = Outcome(split(data, cuts)), Outcome([data], Knobs(fast_lane=False))
    assert fast.facts()[:3] == slow.facts()[:3]
    assert kinds(fast) == kinds(slow)


@given(streams(), st.lists(st.integers(0, 10_000), max_size=6), st.sampled_from(["skip_event", "drop_char"]))
def test_the_other_policies_never_fail_or_hang(data: bytes, cuts: list[int], policy: str) -> None:
    Outcome(split(data, cuts), Knobs(malformed_xml=policy))
