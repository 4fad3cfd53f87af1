from __future__ import annotations

import pytest

from sls_ingest import outcomes, policy
from sls_ingest.explain import Target
from sls_ingest.outcomes import INSIDE, LOGSTORE, NETWORK, PROJECT, SIGN_IN, UNKNOWN, Group, Outcome, reached
from sls_ingest.verdict import FAILED, OK, SKIPPED, WARNING

TARGET = Target("prod", "LTAI-id", "https://cn-hangzhou.log.aliyuncs.com:443", "proj", "store", "grp")
DENIED = Outcome("Unauthorized", "denied by sts or ram, action: log:X, resource: acs:log:r:1:project/proj")
ACTIONS = {action.name: action for action in policy.ACTIONS}
HOUR = 3600.0


@pytest.mark.parametrize(
    ("code", "message", "where"),
    [
        ("LogRequestError", "timed out", NETWORK),
        ("BadResponse", "Bad json format", NETWORK),
        ("RequestTimeExpired", "Request time 1 has been expired", SIGN_IN),
        ("RequestTimeTooSkewed", "x", SIGN_IN),
        ("SignatureNotMatch", "signature x not match", SIGN_IN),
        ("Unauthorized", "AccessKeyId not found: x", SIGN_IN),
        ("Unauthorized", "AccessKeyId is disabled: x", SIGN_IN),
        ("InvalidAccessKeyId", "Your SLS service has not opened.", SIGN_IN),
        ("Unauthorized", "The security token you provided has expired.", SIGN_IN),
        ("SecurityTokenExpired", "expired", SIGN_IN),
        ("ProjectNotExist", "The Project does not exist : proj", PROJECT),
        ("ProjectForbidden", "forbidden", PROJECT),
        ("Unauthorized", "The project does not belong to you.", PROJECT),
        ("LogStoreNotExist", "logstore store does not exist", LOGSTORE),
        ("ConsumerGroupNotExist", "consumer group not exist", INSIDE),
        ("NotExistConsumerWithBody", "x", INSIDE),
        ("", "", INSIDE),
        ("Unauthorized", DENIED.message, UNKNOWN),
        ("InternalServerError", "x", UNKNOWN),
        ("ReadQuotaExceed", "x", UNKNOWN),
        ("JsonInfoInvalid", "x", UNKNOWN),
        ("SomethingNew", "x", UNKNOWN),
    ],
)
def test_how_far_a_call_came(code: str, message: str, where: int) -> None:
    assert reached(Outcome(code, message)) == where


def test_a_denied_call_has_signed_in_and_proves_nothing_else() -> None:
    assert outcomes.has_signed_in(DENIED)
    assert not outcomes.has_signed_in(Outcome("SignatureNotMatch", "x"))
    assert not outcomes.has_signed_in(Outcome("InternalServerError", "x"))


def state(action: str, outcome: Outcome, group_exists: bool | None = False) -> str:
    return outcomes.judge_action(ACTIONS[action], outcome, TARGET, group_exists).state


@pytest.mark.parametrize("action", ACTIONS)
def test_an_answer_that_nobody_expects_is_a_warning(action: str) -> None:
    for code in ("InternalServerError", "ParameterInvalid", "MetaOperationQpsLimitExceeded", "SomethingNew"):
        result = outcomes.judge_action(ACTIONS[action], Outcome(code, "why"), TARGET, False)
        assert result.state == WARNING
        assert result.sentence.startswith("cannot be told: ")
        assert "why" in result.sentence


@pytest.mark.parametrize(
    ("action", "codes"),
    [
        (policy.LIST_SHARDS, [""]),
        (policy.READ, ["", "ShardNotExist", "LogStoreWithoutShard"]),
        (
            policy.CREATE_GROUP,
            ["JsonInfoInvalid", "ConsumerGroupAlreadyExist", "ConsumerGroupQuotaExceed"],
        ),
        (policy.UPDATE_GROUP, ["JsonInfoInvalid", "ConsumerGroupNotExist"]),
        (policy.LIST_GROUPS, [""]),
        (policy.HEARTBEAT, ["NotExistConsumerWithBody", "ConsumerGroupNotExist"]),
        (
            policy.SAVE_CHECKPOINT,
            ["ConsumerGroupNotExist", "ConsumerNotExist", "ConsumerNotMatch", "ShardNotExist"],
        ),
        (policy.GET_CHECKPOINT, ["", "ConsumerGroupNotExist"]),
    ],
)
def test_what_says_that_an_action_is_granted(action: str, codes: list[str]) -> None:
    assert {state(action, Outcome(code, "x")) for code in codes} == {OK}


def test_a_parameter_error_proves_no_permission_where_the_call_had_none() -> None:
    for action in (policy.HEARTBEAT, policy.SAVE_CHECKPOINT, policy.READ, policy.LIST_GROUPS):
        assert state(action, Outcome("JsonInfoInvalid", "x")) == WARNING


def test_a_change_that_sls_has_made_is_told() -> None:
    for action in (policy.CREATE_GROUP, policy.UPDATE_GROUP, policy.HEARTBEAT, policy.SAVE_CHECKPOINT):
        result = outcomes.judge_action(ACTIONS[action], Outcome("", "SLS did it; undone"), TARGET, False)
        assert (result.state, result.text) == (WARNING, "SLS did it; undone")


def test_a_missing_permission_fails_only_where_the_input_needs_it() -> None:
    unneeded = {policy.UPDATE_GROUP, policy.LIST_GROUPS}
    for action in ACTIONS:
        assert state(action, DENIED) == (WARNING if action in unneeded else FAILED)
    assert state(policy.CREATE_GROUP, DENIED, True) == WARNING
    assert state(policy.CREATE_GROUP, DENIED, None) == FAILED


@pytest.mark.parametrize(
    ("off", "expected", "sentence"),
    [
        (0, OK, "the clock of this forwarder agrees with SLS's"),
        (59, OK, "the clock of this forwarder agrees with SLS's"),
        (60, WARNING, "the clock of this forwarder is 60 s ahead of SLS's"),
        (-899, WARNING, "the clock of this forwarder is 15 minutes behind SLS's"),
        (
            901,
            FAILED,
            "the clock of this forwarder differs from SLS's by more than 15 minutes (it is 15 minutes ahead",
        ),
        (
            -HOUR,
            FAILED,
            "the clock of this forwarder differs from SLS's by more than 15 minutes (it is 60 minutes",
        ),
    ],
)
def test_the_clock(off: float, expected: str, sentence: str) -> None:
    result = outcomes.judge_clock("clock", "Sat, 31 Jan 2026 08:00:00 GMT", 1769846400.0 + off, TARGET)
    assert result.state == expected
    assert sentence in result.sentence
    assert bool(result.remedy) == (expected != OK)


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_an_answer_without_a_time_is_no_failure(date: str) -> None:
    assert outcomes.judge_clock("clock", date, 0.0, TARGET).state == WARNING


def test_an_existing_group_that_differs() -> None:
    wanted = Group(40, False)
    assert outcomes.judge_group("g", "grp", None, wanted).state == OK
    assert outcomes.judge_group("g", "grp", wanted, wanted).state == OK
    other = outcomes.judge_group("g", "grp", Group(60, True), wanted)
    assert other.state == WARNING
    assert other.sentence == (
        "consumer group 'grp' exists with timeout=60 s and in_order=True; "
        "it is used as it is, not with 40 s and False"
    )


def test_the_thirty_first_group_may_have_no_room_unless_it_is_there() -> None:
    assert outcomes.judge_room("r", TARGET, 29, False).state == OK
    assert outcomes.judge_room("r", TARGET, 30, True).state == OK
    full = outcomes.judge_room("r", TARGET, 30, False)
    assert (full.state, full.sentence) == (
        WARNING,
        "logstore 'store' has 30 consumer groups, and SLS documents room for 30",
    )
    assert full.remedy.startswith("if SLS does not make 'grp', delete an unused group")


def test_a_quota_that_sls_itself_tells_is_a_failure() -> None:
    full = outcomes.no_room("r", TARGET)
    assert full.state == FAILED
    assert "ConsumerGroupQuotaExceed" in full.sentence
    assert full.remedy.startswith("delete an unused group")


def test_an_update_is_asked_for_only_where_there_is_nothing_to_update() -> None:
    there = outcomes.judge_update_unasked("u", "grp", True)
    assert (there.state, there.sentence) == (OK, "is not needed while consumer group 'grp' exists")
    assert outcomes.judge_update_unasked("u", "grp", None).state == SKIPPED


def test_shards_and_threads() -> None:
    statuses = ["readwrite", "readonly", "readwrite"]
    fine = outcomes.judge_shards("s", "store", statuses, 3)
    assert (fine.state, fine.sentence) == (OK, "logstore 'store' has 3 shards to read, 2 still written to")
    few = outcomes.judge_shards("s", "store", statuses, 2)
    assert few.state == WARNING
    assert few.sentence.endswith("and the input fetches 2 at a time")
    assert outcomes.judge_shards("s", "store", [], 2).state == WARNING


def test_a_start_before_retention() -> None:
    now = 100 * 86400.0
    assert outcomes.judge_start("start", int(now - 6.9 * 86400), 7, now).state == OK
    late = outcomes.judge_start("start", int(now - 30 * 86400), 7, now)
    assert late.state == WARNING
    assert late.sentence == "cursor_start_time is 30 days ago, and the logstore keeps logs for 7 days"
