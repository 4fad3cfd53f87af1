"""The hand-written wire code, against the protobuf library and hand-made blocks."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.sls.wire import (
    Log,
    LogGroup,
    WireError,
    compress,
    decode_group,
    decode_list,
    decompress,
    encode_group,
    frame,
    split_frames,
)

SHORT = st.binary(max_size=12)
LOGS = st.builds(
    Log,
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(SHORT, SHORT), max_size=4),
    st.none() | st.integers(0, 999_999_999),
)
GROUPS = st.builds(
    LogGroup, st.lists(LOGS, max_size=4), SHORT, SHORT, st.lists(st.tuples(SHORT, SHORT), max_size=3)
)
FIELDS = {
    "Pair": [("Key", 1, "B", ""), ("Value", 2, "B", "")],
    "Log": [("Time", 1, "U", ""), ("Contents", 2, "M", "Pair"), ("Time_ns", 4, "F", "")],
    "LogGroup": [
        ("Logs", 1, "M", "Log"),
        ("Topic", 3, "B", ""),
        ("Source", 4, "B", ""),
        ("LogTags", 6, "M", "Pair"),
    ],
}


def library_group() -> type:
    """A LogGroup class of the protobuf library, strings as bytes so that any content passes."""
    proto = descriptor_pb2.FieldDescriptorProto
    kinds = {"B": proto.TYPE_BYTES, "U": proto.TYPE_UINT32, "F": proto.TYPE_FIXED32, "M": proto.TYPE_MESSAGE}
    file = descriptor_pb2.FileDescriptorProto(name="standin.proto", package="standin", syntax="proto2")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind, target in fields:
            label = proto.LABEL_REPEATED if kind == "M" else proto.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, type=kinds[kind], label=label)
            if target:
                added.type_name = f".standin.{target}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("standin.LogGroup"))


LIBRARY = library_group()


@given(GROUPS)
def test_the_protobuf_library_reads_what_we_write(group: LogGroup) -> None:
    read = LIBRARY.FromString(encode_group(group))  # type: ignore[attr-defined]
    assert [(log.Time, [(c.Key, c.Value) for c in log.Contents]) for log in read.Logs] == [
        (log.time, log.contents) for log in group.logs
    ]
    assert [log.Time_ns if log.HasField("Time_ns") else None for log in read.Logs] == [
        log.time_ns for log in group.logs
    ]
    assert (read.Topic, read.Source) == (group.topic, group.source)
    assert [(tag.Key, tag.Value) for tag in read.LogTags] == group.tags


@given(GROUPS)
def test_we_read_what_the_protobuf_library_writes(group: LogGroup) -> None:
    read = LIBRARY.FromString(encode_group(group))  # type: ignore[attr-defined]
    assert decode_group(read.SerializeToString()) == group


@given(st.lists(GROUPS, max_size=5))
def test_a_list_is_the_concatenation_of_frames(groups: list[LogGroup]) -> None:
    body = b"".join(frame(encode_group(group)) for group in groups)
    assert decode_list(body) == groups
    assert list(split_frames(body)) == [encode_group(group) for group in groups]


@given(GROUPS, st.binary(min_size=1, max_size=20))
def test_damaged_bytes_raise_nothing_but_wire_error(group: LogGroup, tail: bytes) -> None:
    for data in (encode_group(group)[:-1], encode_group(group) + tail, tail):
        try:
            decode_group(data)
        except WireError:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05\x08",
        b"\x0a\x00",
        b"\xff" * 11,
        b"\x02\x00",
        b"\x0b",
        b"\x0a\x04\x12\x02\x0a\x00",
        b"\x18\x05",
    ],
    ids=[
        "cut",
        "log without time",
        "long varint",
        "field 0",
        "group wire type",
        "no value",
        "topic as varint",
    ],
)
def test_broken_messages_are_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode_group(data)


def test_unknown_fields_are_skipped() -> None:
    group = LogGroup([Log(7, [(b"k", b"v")])], b"t")
    extra = b"\xa2\x06\x03abc" + b"\xa8\x06\x01" + b"\xad\x06abcd" + b"\xa9\x06abcdefgh"
    assert decode_group(encode_group(group) + extra) == group


@pytest.mark.parametrize("codec", ["lz4", "zstd", "deflate", "gzip"])
@pytest.mark.parametrize("data", [b"x", b"abc" * 5000])
def test_codecs_round_trip_and_check_the_size(codec: str, data: bytes) -> None:
    if codec == "zstd":
        pytest.importorskip("zstandard")
    packed = compress(codec, data)
    assert decompress(codec, packed, len(data)) == data
    for wrong in (len(data) - 1, len(data) + 1):
        with pytest.raises(WireError):
            decompress(codec, packed, wrong)
    with pytest.raises(WireError):
        decompress(codec, b"\x0f\xff\xff" + packed[3:], len(data))


def test_lz4_is_a_bare_block() -> None:
    assert decompress("lz4", b"\x50hello", 5) == b"hello"
    assert decompress("lz4", b"\xf0\x01" + b"a" * 16, 16) == b"a" * 16
    assert compress("lz4", b"hello") == b"\x50hello"


def test_unknown_codecs_are_refused() -> None:
    with pytest.raises(WireError):
        compress("snappy", b"x")
    with pytest.raises(WireError):
        decompress("snappy", b"x", 1)
