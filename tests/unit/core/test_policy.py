from __future__ import annotations

import json

from sls_ingest import policy
from sls_ingest.policy import assume_role_policy, ram_policy
from tests.unit.documents import ROOT, blocks, quoted

PAGE = ROOT / "docs" / "ram-policy.md"


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


def documented() -> list[dict[str, object]]:
    """The policies of the page, in their order."""
    return [json.loads(block.text) for block in blocks(PAGE) if block.language == "json"]


def test_the_page_has_the_same_policy_as_the_doctor_prints() -> None:
    assert documented()[0] == ram_policy("<project>", "<logstore>", "<consumer group>")


def test_the_page_has_the_same_policy_for_whoever_assumes_a_role() -> None:
    assert assume_role_policy("acs:ram::<account id>:role/<role>") in documented()


def test_the_wider_policy_of_the_page_grants_the_same_actions() -> None:
    actions = [set().union(*granted(document).values()) for document in documented() if is_for_sls(document)]
    assert actions.count({action.name for action in policy.ACTIONS}) == 2


def is_for_sls(document: dict[str, object]) -> bool:
    return "Principal" not in str(document)


def test_the_page_says_of_each_action_what_it_is_for() -> None:
    assert {action.name for action in policy.ACTIONS} <= set(quoted(PAGE))


def test_who_assumes_a_role_needs_that_alone() -> None:
    arn = "acs:ram::1:role/reader"
    assert assume_role_policy(arn)["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": arn}
    ]
