"""What an input may write, good and bad: names to pieces of bytes.

tests/scenarios reads the same module to know what was written.
"""

MOMENT = "1700000000.500"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
LINES = "{kind} at=2026-01-02T03:04:05+0000 first\n  second line"
# Kinds of event for one sourcetype: attributes, with a time?, cut in two pieces?
KINDS = {
    "plain": ("", True, False),
    "plain without time": ("", False, False),
    "unbroken and done": (' unbroken="1"', True, False),
    "unbroken in pieces": (' unbroken="1"', True, True),
}
SOURCETYPES = ("probe:plain", "probe:lines", "probe:clock", "probe:ours")
BAD = {
    "control character": b"<event><data>two \x01",
    "not UTF-8": b"<event><data>two \xff",
    "bare ampersand": b"<event><data>two & ",
    "end tag missing": b"<event></data><data>two",
}
OUTSIDE = b"not in a stream\n"


def event(data, sourcetype="", time=MOMENT, attributes="", done=False, index=""):
    parts = [
        f"<time>{time}</time>" if time else "",
        f"<sourcetype>{sourcetype}</sourcetype>" if sourcetype else "",
        f"<index>{index}</index>" if index else "",
        f"<data>{data}</data>" if data is not None else "",
        "<done/>" if done else "",
    ]
    return f"<event{attributes}>{''.join(parts)}</event>".encode()


def breaking():
    yield b"<stream>"
    for sourcetype in SOURCETYPES:
        for kind, (attributes, timed, cut) in KINDS.items():
            text = LINES.format(kind=kind)
            time = MOMENT if timed else ""
            unbroken = bool(attributes)
            if cut:
                yield event(text[:12], sourcetype, time, attributes)
                yield event(text[12:], sourcetype, time, attributes, True)
            else:
                yield event(text, sourcetype, time, attributes, unbroken)
    yield b"</stream>"


def bad(name):
    middle = BAD[name] + f" of {name}</data></event>".encode()
    yield b"<stream>" + event("one of " + name) + middle + event("three of " + name) + b"</stream>"


def outside():
    yield b"<stream>" + event("one of outside") + b"</stream>" + OUTSIDE
    yield b"<stream>" + event("three of outside") + b"</stream>"


def long():
    yield b"<stream>"
    for size in SIZES:
        yield event(f"{size} ".ljust(size, "x"), "probe:ours")
    yield b"</stream>"


def lost():
    yield b"<stream>" + event("plain") + event("unknown stanza", attributes=' stanza="probe://nobody"')
    yield event("unknown index", index="nosuchindex") + event("") + event(None) + event("last") + b"</stream>"


def pieces(name):
    """The bytes of a corpus, in the order in which they are written."""
    whole = {"breaking": breaking, "outside": outside, "long": long, "lost": lost}
    return whole[name]() if name in whole else bad(name)
