"""The protobuf schema of a pulled batch, declared here so that the core needs no SLS client.

Field numbers and types are those of SLS's public LogGroupList message (documented; the same in every
official client): Log{Time=1, Contents=2, Time_ns=4}, LogTag, LogGroup{Logs=1, Topic=3, Source=4, LogTags=6}.
Fields 2 and 5 of LogGroup carry nothing we use and are skipped as unknown fields.

The same bytes are read in one of two forms. In `LogGroupList` each log has a list of pairs, as SLS's schema
says. In `LogColumns` a log's Contents is one message whose Key and Value are lists: protobuf merges what it
finds several times under one number, so that all names of a log come as one list and all values as another,
made by native code without an object for each pair. That halves the time for decoding.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation

_Field = descriptor_pb2.FieldDescriptorProto


def is_native() -> bool:
    """Whether protobuf runs on its native parser; the pure Python one is 5 to 20 times slower."""
    return bool(api_implementation.Type() == "upb")


def _message(file: Any, name: str, *fields: tuple[str, int, int, int, str]) -> None:
    message = file.message_type.add(name=name)
    for field_name, number, kind, label, type_name in fields:
        field = message.field.add(name=field_name, number=number, type=kind, label=label)
        if type_name:
            field.type_name = f".{file.package}.{type_name}"


def _build(package: str, columns: bool) -> Any:
    one, many = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
    text, message = _Field.TYPE_STRING, _Field.TYPE_MESSAGE
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}/log_group.proto", package=package)
    file.syntax = "proto2"  # proto2 leaves damaged UTF-8 to the reader instead of refusing the whole batch
    _message(file, "Pair", ("Key", 1, text, one, ""), ("Value", 2, text, one, ""))
    _message(file, "Columns", ("Key", 1, text, many, ""), ("Value", 2, text, many, ""))
    contents = ("Contents", 2, message, one, "Columns") if columns else ("Contents", 2, message, many, "Pair")
    _message(
        file,
        "Log",
        ("Time", 1, _Field.TYPE_UINT32, one, ""),
        contents,
        ("Time_ns", 4, _Field.TYPE_FIXED32, one, ""),
    )
    _message(
        file,
        "LogGroup",
        ("Logs", 1, message, many, "Log"),
        ("Topic", 3, text, one, ""),
        ("Source", 4, text, one, ""),
        ("LogTags", 6, message, many, "Pair"),
    )
    _message(file, "LogGroupList", ("LogGroups", 1, message, many, "LogGroup"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.LogGroupList"))


LogGroupList: Final = _build("sls_ingest.pairs", columns=False)
LogColumns: Final = _build("sls_ingest.columns", columns=True)
