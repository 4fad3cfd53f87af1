"""Consumer group calls."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from .call import Call
from .errors import SlsError, bad, invalid, no_group
from .groups import ConsumerGroup
from .message import Response, json_response
from .model import Logstore
from .shard import cursor_value


def _group(call: Call, logstore: Logstore) -> ConsumerGroup:
    found = logstore.groups.get(call.params["group"])
    if found is None:
        raise no_group()
    return found


def _seconds(body: dict[str, Any]) -> int:
    value = body.get("timeout")
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise bad("JsonInfoInvalid", "timeout must be a positive integer")
    return value


def _order(body: dict[str, Any]) -> bool:
    value = body.get("order", False)
    if not isinstance(value, bool):
        raise bad("JsonInfoInvalid", "order must be a boolean")
    return value


def create_group(call: Call) -> Response:
    """CreateConsumerGroup."""
    with call.logstore().open() as logstore:
        body = call.json_object("JsonInfoInvalid")
        name = _new_name(call, body)
        if call.knobs.create_group_looks_first:
            _must_have_room(call, logstore, name)
        group = ConsumerGroup(name, _seconds(body), _order(body), call.knobs)
        _must_have_room(call, logstore, name)
        logstore.groups[name] = group
    return Response()


def _new_name(call: Call, body: dict[str, Any]) -> str:
    name = body.get("consumerGroup")
    if not isinstance(name, str) or not name:
        raise bad("JsonInfoInvalid", "consumerGroup must be a non-empty string")
    if not re.fullmatch(call.knobs.group_name_pattern, name):
        raise invalid(f"invalid consumer group name: {name}")
    return name


def _must_have_room(call: Call, logstore: Logstore, name: str) -> None:
    if name in logstore.groups or _taken_elsewhere(call, name):
        raise bad("ConsumerGroupAlreadyExist", "consumer group already exist")
    if len(logstore.groups) >= call.knobs.groups_per_logstore:
        text = "consumer group count exceed quota"
        raise SlsError(call.knobs.group_quota_status, "ConsumerGroupQuotaExceed", text)


def _taken_elsewhere(call: Call, name: str) -> bool:
    if not call.knobs.group_name_unique_in_project:
        return False
    return any(name in logstore.groups for logstore in list(call.project.logstores.values()))


def update_group(call: Call) -> Response:
    """UpdateConsumerGroup: timeout, order, or both."""
    with call.logstore().open() as logstore:
        group = _group(call, logstore)
        body = call.json_object("JsonInfoInvalid")
        if "timeout" not in body and "order" not in body:
            raise bad("JsonInfoInvalid", "timeout or order is required")
        timeout = _seconds(body) if "timeout" in body else group.timeout
        order = _order(body) if "order" in body else group.order
        group.timeout = timeout
        group.set_order(order)
    return Response()


def delete_group(call: Call) -> Response:
    """DeleteConsumerGroup, checkpoints included."""
    with call.logstore().open() as logstore:
        del logstore.groups[_group(call, logstore).name]
    return Response()


def list_groups(call: Call) -> Response:
    """ListConsumerGroup."""
    with call.logstore().open() as logstore:
        rows = [{"name": g.name, "timeout": g.timeout, "order": g.order} for g in logstore.groups.values()]
    return json_response(rows)


def heartbeat(call: Call) -> Response:
    """ConsumerGroupHeartBeat: body and answer are arrays of shard ids."""
    with call.logstore().open() as logstore:
        group = _group(call, logstore)
        consumer, held = call.query("consumer"), call.json("JsonInfoInvalid")
        if not consumer:
            raise invalid("consumer is required")
        if not isinstance(held, list) or any(isinstance(n, bool) or not isinstance(n, int) for n in held):
            raise bad("JsonInfoInvalid", "the body must be an array of shard ids")
        mine = group.heartbeat(consumer, held, logstore.views(), call.clock.monotonic())
    return json_response(mine)


def get_checkpoints(call: Call) -> Response:
    """GetCheckPoint: of one shard or of all; an unknown shard gives an empty array."""
    only = call.query("shard")
    if only and not only.lstrip("-").isdigit():
        raise invalid(f"invalid shard id: {only}")
    with call.logstore().open() as logstore:
        group = _group(call, logstore)
        group.refresh(logstore.views())
        rows = group.checkpoints(int(only) if only else None)
    return json_response(rows)


def update_checkpoint(call: Call) -> Response:
    """ConsumerGroupUpdateCheckPoint."""
    force = call.query("forceSuccess").lower() == "true"
    consumer = call.query("consumer")
    with call.logstore().open() as logstore:
        group = _group(call, logstore)
        group.expire(call.clock.monotonic())
        body = call.json_object("JsonInfoInvalid")
        shard, checkpoint = body.get("shard"), body.get("checkpoint")
        if isinstance(shard, bool) or not isinstance(shard, int) or not isinstance(checkpoint, str):
            raise bad("JsonInfoInvalid", "shard must be an integer and checkpoint a string")
        if not consumer and not force:
            raise invalid("consumer is required unless forceSuccess is true")
        value = _checkpoint(call, checkpoint)
        now_us = int(call.clock.now() * 1_000_000)
        group.update_checkpoint(
            shard, checkpoint, value, consumer, force=force, views=logstore.views(), now_us=now_us
        )
    return Response()


def _checkpoint(call: Call, text: str) -> int | None:
    """The cursor value of a checkpoint, None if it is base64 of something else; raises
    InvalidShardCheckPoint."""
    try:
        base64.b64decode(
            text + "=" * (-len(text) % 4 if call.knobs.accept_unpadded_cursor else 0), validate=True
        )
    except (binascii.Error, ValueError):
        raise bad("InvalidShardCheckPoint", "shard checkpoint not encoded by base64") from None
    try:
        return cursor_value(text, unpadded=call.knobs.accept_unpadded_cursor)
    except ValueError:
        return None
