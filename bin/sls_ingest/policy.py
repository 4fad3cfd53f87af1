"""The RAM permissions that an input needs, one by one and as the policy that grants no more. Pure."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

_STORE: Final = "acs:log:*:*:project/{project}/logstore/{logstore}"
_GROUPS: Final = _STORE + "/consumergroup/*"
_GROUP: Final = _STORE + "/consumergroup/{group}"


class Action(NamedTuple):
    """One action of RAM.

    `resource` is what it is granted on: for CreateConsumerGroup and ListConsumerGroup, SLS documents all
    groups of a logstore. `without` says what an input does without it; "" where it cannot work.
    """

    name: str
    resource: str
    without: str = ""


LIST_SHARDS: Final = "log:ListShards"
READ: Final = "log:GetCursorOrData"
CREATE_GROUP: Final = "log:CreateConsumerGroup"
UPDATE_GROUP: Final = "log:UpdateConsumerGroup"
LIST_GROUPS: Final = "log:ListConsumerGroup"
HEARTBEAT: Final = "log:ConsumerGroupHeartBeat"
SAVE_CHECKPOINT: Final = "log:ConsumerGroupUpdateCheckPoint"
GET_CHECKPOINT: Final = "log:GetConsumerGroupCheckPoint"

ACTIONS: Final = (
    Action(LIST_SHARDS, _STORE),
    Action(READ, _STORE),
    Action(CREATE_GROUP, _GROUPS),
    Action(UPDATE_GROUP, _GROUP, "the input works without it, as it takes a consumer group as it is"),
    Action(
        LIST_GROUPS,
        _GROUPS,
        "the input works without it, but does not notice a consumer group with another time-out",
    ),
    Action(HEARTBEAT, _GROUP),
    Action(SAVE_CHECKPOINT, _GROUP),
    Action(GET_CHECKPOINT, _GROUP),
)
"""What reading one logstore through one consumer group takes, as SLS documents it."""


def ram_policy(project: str, logstore: str, group: str) -> dict[str, Any]:
    """The least RAM policy for one input: for the account's user, or for the role that it signs in as."""
    by_resource: dict[str, list[str]] = {}
    for action in ACTIONS:
        resource = action.resource.format(project=project, logstore=logstore, group=group)
        by_resource.setdefault(resource, []).append(action.name)
    return _policy(*((actions, resource) for resource, actions in by_resource.items()))


def assume_role_policy(role_arn: str) -> dict[str, Any]:
    """What the user or the instance's role needs that assumes `role_arn`; its trust policy must name them."""
    return _policy((["sts:AssumeRole"], role_arn))


def _policy(*granted: tuple[list[str], str]) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": resource} for actions, resource in granted
    ]
    return {"Version": "1", "Statement": statements}
