from __future__ import annotations

import json
import re
from pathlib import Path

from sls_ingest import policy
from sls_ingest.policy import assume_role_policy, ram_policy

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")


def granted(document: dict[str, object]) -> dict[str, set[str]]:
    """{resource: actions}"""
    rows: list[dict[str, object]] = document["Statement"]  # type: ignore[assignment]
    return {str(row["Resource"]): set(row["Action"]) for row in rows}  # type: ignore[call-overload]


def test_the_policy_grants_each_action_once_and_on_no_more_than_the_logstore() -> None:
    document = ram_policy("proj", "store", "grp")
    store = "acs:log:*:*:project/proj/logstore/store"
    assert document["Version"] == "1"
    assert granted(document) == {
        store: {"log:ListShards", "log:GetCursorOrData"},
        f"{store}/consumergroup/*": {"log:CreateConsumerGroup", "log:ListConsumerGroup"},
        f"{store}/consumergroup/grp": {
            "log:UpdateConsumerGroup",
            "log:ConsumerGroupHeartBeat",
            "log:ConsumerGroupUpdateCheckPoint",
            "log:GetConsumerGroupCheckPoint",
        },
    }


def test_the_readme_has_the_same_actions() -> None:
    block = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert block
    actions = set().union(*granted(json.loads(block.group(1))).values())
    assert actions == {action.name for action in policy.ACTIONS}


def test_who_assumes_a_role_needs_that_alone() -> None:
    arn = "acs:ram::1:role/reader"
    assert assume_role_policy(arn)["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": arn}
    ]
