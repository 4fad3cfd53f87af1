"""Calls to SLS that tell what an account may do and change nothing.

Four actions change something where they are carried out. Their calls are made such that SLS must refuse them,
after it has looked whether RAM grants the action:

- CreateConsumerGroup names the group, but gives words for a time-out and an order, which are a number and a
  truth value (and where the group exists, it exists already);
- UpdateConsumerGroup names nothing to update, and is not called for a group that exists or may exist: SLS
  might take what is not named for its default;
- a heartbeat comes from a consumer that does not exist, and claims to hold a shard: documented as refused,
  since a new consumer holds none;
- a checkpoint is saved by that same consumer, without force, for a shard that no logstore has.

They go to the input's own consumer group, because RAM may grant actions for that one only. Where it does not
exist yet, the answer is that it does not. Nobody documents when SLS looks at the permission and when at the
parameters; outcomes.py says what is made of that. If SLS made the group all the same, it is deleted again,
but only if it was not there just before: nothing may ever cost a group its checkpoints. Where deleting is not
granted, it gets the settings that the input would give it.
"""

from __future__ import annotations

import json
import secrets
from typing import Any, Callable

from aliyun.log import LogException
from aliyun.log.version import USER_AGENT

from . import policy
from .outcomes import Group, Outcome
from .transport import ODD_ANSWERS, Access, SlsLogClient

CONSUMER_PREFIX = "splunk-preflight-"
"""Of the consumer that does not exist."""
_NO_SHARD = 2**31 - 1  # the highest number that a shard id can be
_NO_GROUP = "ConsumerGroupNotExist"
_CHECKPOINT = "MA=="  # a cursor as SLS writes them
_NONSENSE = "preflight"


class Probes:
    """One call for each action of policy.ACTIONS, made when it is first asked for; never raises."""

    def __init__(self, access: Access) -> None:
        settings = access.settings
        self._where = settings.project, settings.logstore
        self._group = settings.consumer_group
        self._wanted = Group(settings.heartbeat_interval * 2, settings.in_order)
        self._consumer = CONSUMER_PREFIX + secrets.token_hex(4)
        self._client = SlsLogClient(access, access.network.read_timeout)
        self._client.set_user_agent(f"{USER_AGENT}-preflight")
        self._made: dict[str, Outcome] = {}
        self._calls: dict[str, Callable[[], Any]] = {
            policy.LIST_SHARDS: self._list_shards,
            policy.READ: self._get_cursor,
            policy.CREATE_GROUP: self._create_group,
            policy.UPDATE_GROUP: self._update_group,
            policy.LIST_GROUPS: self._list_groups,
            policy.HEARTBEAT: self._heartbeat,
            policy.SAVE_CHECKPOINT: self._save_checkpoint,
            policy.GET_CHECKPOINT: self._get_checkpoints,
        }

    def outcome(self, action: str) -> Outcome:
        """What came of the call for `action`.

        The answers are {shard id: status} for LIST_SHARDS, {name: Group} for LIST_GROUPS, and
        {shard id: cursor} for GET_CHECKPOINT. A change that SLS has carried out is told in the message.
        """
        if action not in self._made:
            self._made[action] = self._try(self._calls[action])
        return self._made[action]

    def close(self) -> None:
        """Close the connections."""
        self._client._session.close()

    def retention(self) -> int | None:
        """Days that the logstore keeps logs; None when SLS does not tell: inputs need no log:GetLogStore."""
        days = self._try(lambda: int(self._client.get_logstore(*self._where).get_ttl())).answer
        return days if isinstance(days, int) else None

    def _try(self, call: Callable[[], Any]) -> Outcome:
        try:
            answer = call()
        except LogException as error:
            return Outcome(str(error.get_error_code()), str(error.get_error_message()))
        except ODD_ANSWERS as error:
            return Outcome("BadResponse", f"the answer makes no sense ({type(error).__name__})")
        return answer if isinstance(answer, Outcome) else Outcome("", answer=answer)

    # -- what only reads

    def _list_shards(self) -> dict[int, str]:
        shards = self._client.list_shards(*self._where).get_shards_info()
        return {int(shard["shardID"]): str(shard["status"]) for shard in shards}

    def _get_cursor(self) -> str:
        shard = min(self.outcome(policy.LIST_SHARDS).answer or (0,))
        return str(self._client.get_cursor(*self._where, shard, "begin").get_cursor())

    def _list_groups(self) -> dict[str, Group]:
        groups = self._client.list_consumer_group(*self._where).get_consumer_groups()
        return {
            str(group.get_consumer_group_name()): Group(int(group.get_timeout()), bool(group.is_in_order()))
            for group in groups
        }

    def _get_checkpoints(self) -> dict[int, str]:
        rows = self._client.get_check_point(*self._where, self._group).get_consumer_group_check_points()
        return {int(row["shard"]): str(row["checkpoint"] or "") for row in rows}

    # -- what SLS must refuse

    def _create_group(self) -> Outcome:
        before = self._try(self._get_checkpoints)
        self._send("POST", "", {"consumerGroup": self._group, "timeout": _NONSENSE, "order": _NONSENSE})
        told = f"SLS took a call for consumer group '{self._group}' with a time-out that is no number"
        if before.code != _NO_GROUP:
            return Outcome("", f"{told}; look at the group in the SLS console")
        where = *self._where, self._group
        if not self._try(lambda: self._client.delete_consumer_group(*where)).code:
            return Outcome("", f"{told}, and the group that it made was deleted again")
        if not self._try(lambda: self._client.update_consumer_group(*where, *self._wanted)).code:
            return Outcome("", f"{told}, and the group that it made is left, as the input would make it")
        return Outcome("", f"{told}, and the group that it made is left; delete it in the SLS console")

    def _update_group(self) -> Outcome:
        self._send("PUT", f"/{self._group}", {})
        return Outcome("", f"SLS took an update of consumer group '{self._group}' that updates nothing")

    def _heartbeat(self) -> Outcome:
        self._client.heart_beat(*self._where, self._group, self._consumer, [_NO_SHARD])
        told = f"SLS took a heartbeat of '{self._consumer}', which claims a shard that it cannot hold"
        return Outcome("", f"{told}; it counts as a consumer until its time-out")

    def _save_checkpoint(self) -> Outcome:
        where = *self._where, self._group, _NO_SHARD, _CHECKPOINT, self._consumer
        self._client.update_check_point(*where, force_success=False)
        return Outcome("", f"SLS took a checkpoint of '{self._consumer}' for a shard that does not exist")

    def _send(self, method: str, path: str, given: dict[str, Any]) -> None:
        project, logstore = self._where
        body, resource = json.dumps(given).encode(), f"/logstores/{logstore}/consumergroups{path}"
        headers = {"x-log-bodyrawsize": str(len(body)), "Content-Type": "application/json"}
        self._client._send(method, project, body, resource, {}, headers)
