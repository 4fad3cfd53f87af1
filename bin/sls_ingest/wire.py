"""The protobuf schema of a pulled batch, declared here so that the core needs no SLS client.

Field numbers and types are those of SLS's public LogGroupList message (documented; the same in every
official client): Log{Time=1, Contents=2, Time_ns=4}, LogTag, LogGroup{Logs=1, Topic=3, Source=4, LogTags=6}.
Fields 2 and 5 of LogGroup carry nothing we use and are skipped as unknown fields.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE: Final = "sls_ingest"


def is_native() -> bool:
    """Whether protobuf runs on its native parser; the pure Python one is 5 to 20 times slower."""
    return bool(api_implementation.Type() == "upb")


def _message(file: Any, name: str, *fields: tuple[str, int, int, int, str]) -> None:
    message = file.message_type.add(name=name)
    for field_name, number, kind, label, type_name in fields:
        field = message.field.add(name=field_name, number=number, type=kind, label=label)
        if type_name:
            field.type_name = f".{_PACKAGE}.{type_name}"


def _build() -> Any:
    one, many = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
    text, message = _Field.TYPE_STRING, _Field.TYPE_MESSAGE
    file = descriptor_pb2.FileDescriptorProto(name="sls_ingest/log_group.proto", package=_PACKAGE)
    file.syntax = "proto2"  # proto2 leaves damaged UTF-8 to the reader instead of refusing the whole batch
    _message(file, "Pair", ("Key", 1, text, one, ""), ("Value", 2, text, one, ""))
    _message(
        file,
        "Log",
        ("Time", 1, _Field.TYPE_UINT32, one, ""),
        ("Contents", 2, message, many, "Pair"),
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
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.LogGroupList"))


LogGroupList: Final = _build()
