"""What SLS's answers to the preflight's calls tell. Pure.

How far a call came is read from its error code. SLS is taken to look at things in this order: clock, key and
signature, project, RAM, logstore, consumer group or shard, parameters. That order is inferred, and documented
nowhere; so only what it cannot mislead about counts as proof, and all else as "cannot be told": a warning,
which keeps nobody from saving an input that would work.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from . import policy
from .explain import Target, explain
from .timespec import http_epoch
from .verdict import FAILED, OK, SKIPPED, WARNING, Result, found

DENIED: Final = "denied"
"""Kind of a result that is a missing RAM permission."""
GROUPS_PER_LOGSTORE: Final = 30
"""Consumer groups that SLS allows in one logstore, as documented; for whom it may be raised is not."""
_CLOCK_WARNING, _CLOCK_LIMIT = 60.0, 900.0  # seconds; SLS refuses what is further off
_IN_SECONDS = 180.0  # a longer span is told in minutes
_DAY = 86_400


# -- the clock


def judge_clock(check: str, date: str, now: float, target: Target) -> Result:
    """`date` is the Date header of an answer by SLS, `now` this machine's time then, in epoch seconds."""
    there = http_epoch(date)
    if there is None:
        return Result(check, WARNING, "cannot be told: the answer does not carry SLS's time")
    ahead = now - there
    off = abs(ahead)
    span = f"{off:.0f} s" if off < _IN_SECONDS else f"{off / 60:.0f} minutes"
    how = f"{span} {'ahead of' if ahead > 0 else 'behind'} SLS's"
    if off > _CLOCK_LIMIT:
        return found(check, FAILED, explain("RequestTimeExpired", f"it is {how}", target))
    if off >= _CLOCK_WARNING:
        remedy = "set the clock, for example with NTP: SLS refuses requests that are 15 minutes off"
        return Result(check, WARNING, f"the clock of this forwarder is {how}", remedy)
    return Result(check, OK, "the clock of this forwarder agrees with SLS's")


# -- calls to SLS


class Outcome(NamedTuple):
    """What came of one call: SLS's error code, "" when it did as asked; then `answer` is what it gave."""

    code: str
    message: str = ""
    answer: Any = None


NETWORK, SIGN_IN, PROJECT, LOGSTORE, INSIDE, UNKNOWN = range(6)
"""Where a call ended. INSIDE the logstore: everything before it is as it should be."""
_NETWORK_CODES = ("logrequesterror", "badresponse")
_SIGN_IN_WORDS = (
    "requesttime",
    "invalidrequesttime",
    "signature",
    "accesskeyid",
    "security token",
    "securitytoken",
)
_PROJECT_WORDS = ("projectnotexist", "projectforbidden", "does not belong to you")
_INSIDE_CODES = frozenset(
    (
        "ConsumerGroupNotExist",
        "ConsumerGroupAlreadyExist",
        "ConsumerGroupQuotaExceed",
        "ConsumerNotExist",
        "ConsumerNotMatch",
        "NotExistConsumerWithBody",
        "ShardNotExist",
        "LogStoreWithoutShard",
    )
)
"""Answers that need a look into the logstore, so that its permission was checked before."""
_AFTER_PERMISSION: Final = {
    policy.CREATE_GROUP: frozenset(("JsonInfoInvalid",)),
    policy.UPDATE_GROUP: frozenset(("JsonInfoInvalid",)),
}
"""What else says that an action is allowed: parameters are looked at last, as far as is known."""
_CHANGES = frozenset((policy.CREATE_GROUP, policy.UPDATE_GROUP, policy.HEARTBEAT, policy.SAVE_CHECKPOINT))
"""Actions whose calls are made such that SLS must refuse them."""


def is_denied(outcome: Outcome) -> bool:
    """Whether RAM does not grant the action."""
    return "denied by sts or ram" in outcome.message.lower()


def reached(outcome: Outcome) -> int:
    """Where the call ended: NETWORK, SIGN_IN, PROJECT, LOGSTORE, INSIDE, or UNKNOWN.

    UNKNOWN for a call that RAM denies: it has signed in, but whether SLS looked for the project before that
    is not known.
    """
    text = f"{outcome.code} {outcome.message}".lower()
    if not outcome.code or outcome.code in _INSIDE_CODES:
        return INSIDE
    if outcome.code.lower() in _NETWORK_CODES:
        return NETWORK
    if is_denied(outcome):
        return UNKNOWN
    if any(word in text for word in _PROJECT_WORDS):
        return PROJECT
    if outcome.code.lower() == "logstorenotexist":
        return LOGSTORE
    return SIGN_IN if any(word in text for word in _SIGN_IN_WORDS) else UNKNOWN


def has_signed_in(outcome: Outcome) -> bool:
    return is_denied(outcome) or reached(outcome) in (PROJECT, LOGSTORE, INSIDE)


def explained(outcome: Outcome, target: Target) -> str:
    return explain(outcome.code, outcome.message, target)


def judge_action(
    action: policy.Action, outcome: Outcome, target: Target, group_exists: bool | None
) -> Result:
    """Whether RAM grants `action`; `group_exists` is None where that is not known."""
    if is_denied(outcome):
        return _missing(action, outcome, target, group_exists)
    if not outcome.code and action.name in _CHANGES:
        return found(action.name, WARNING, outcome.message)
    granted = reached(outcome) == INSIDE or outcome.code in _AFTER_PERMISSION.get(action.name, ())
    if granted:
        return Result(action.name, OK, "is granted")
    return Result(action.name, WARNING, f"cannot be told: {explained(outcome, target)}")


def judge_update_unasked(check: str, group: str, exists: bool | None) -> Result:
    """An update is asked for only while there is no group that it could change."""
    if exists:
        return Result(check, OK, f"is not needed while consumer group '{group}' exists")
    return Result(check, SKIPPED, f"cannot be told: SLS does not say whether consumer group '{group}' exists")


def _missing(action: policy.Action, outcome: Outcome, target: Target, group_exists: bool | None) -> Result:
    result = found(action.name, FAILED, explained(outcome, target), DENIED)
    without = action.without
    if action.name == policy.CREATE_GROUP and group_exists:
        without = "the input works without it as long as its consumer group exists"
    if not without:
        return result
    return result._replace(state=WARNING, remedy=f"{result.remedy}; {without}")


# -- what the logstore is like


class Group(NamedTuple):
    """A consumer group's settings; `timeout` in seconds."""

    timeout: int
    in_order: bool


def difference(name: str, existing: Group, wanted: Group) -> str:
    """What is said when an existing group is not as the input would have made it; "" when it is."""
    if existing == wanted:
        return ""
    return (
        f"consumer group '{name}' exists with timeout={existing.timeout} s and in_order={existing.in_order}; "
        f"it is used as it is, not with {wanted.timeout} s and {wanted.in_order}"
    )


def judge_group(check: str, name: str, existing: Group | None, wanted: Group) -> Result:
    if existing is None:
        return Result(check, OK, f"consumer group '{name}' does not exist yet; the input makes it")
    text = difference(name, existing, wanted)
    if not text:
        return Result(check, OK, f"consumer group '{name}' exists, with the same time-out and order")
    remedy = "give all inputs of a group the same heartbeat_interval and in_order, or use another group"
    return Result(check, WARNING, text, remedy)


def judge_room(check: str, target: Target, count: int, is_there: bool) -> Result:
    """`count` consumer groups are in the logstore, ours among them if it `is_there`."""
    if is_there or count < GROUPS_PER_LOGSTORE:
        return Result(check, OK, f"{count} of the {GROUPS_PER_LOGSTORE} that a logstore can have")
    sentence = f"logstore '{target.logstore}' has {count} consumer groups, and SLS documents room for "
    sentence += str(GROUPS_PER_LOGSTORE)
    remedy = (
        f"if SLS does not make '{target.consumer_group}', delete an unused group in the SLS console, "
        "or set consumer_group to an existing one"
    )
    return Result(check, WARNING, sentence, remedy)


def no_room(check: str, target: Target) -> Result:
    """SLS itself has said that no consumer group can be made."""
    return found(check, FAILED, explain("ConsumerGroupQuotaExceed", "", target), "ConsumerGroupQuotaExceed")


def judge_shards(check: str, logstore: str, statuses: list[str], threads: int) -> Result:
    """`statuses` are those of all shards; `threads` is how many the input fetches at a time."""
    if not statuses:
        remedy = "look at the logstore in the SLS console"
        return Result(check, WARNING, f"logstore '{logstore}' has no shard that could be read", remedy)
    written = sum(status == "readwrite" for status in statuses)
    plural = "" if len(statuses) == 1 else "s"
    sentence = f"logstore '{logstore}' has {len(statuses)} shard{plural} to read, {written} still written to"
    if threads >= len(statuses):
        return Result(check, OK, sentence)
    sentence += f", and the input fetches {threads} at a time"
    remedy = "set fetch_threads to auto, unless other inputs of the group are to share the shards"
    return Result(check, WARNING, sentence, remedy)


def judge_start(check: str, start: int, ttl: int, now: float) -> Result:
    """`start` in epoch seconds, `ttl` in days, as SLS has it of the logstore."""
    if start >= now - ttl * _DAY:
        return Result(check, OK, f"cursor_start_time is within the {ttl} days that the logstore keeps logs")
    days = (now - start) / _DAY
    sentence = f"cursor_start_time is {days:.0f} days ago, and the logstore keeps logs for {ttl} days"
    return Result(check, WARNING, sentence, "expect logs from the oldest one on that is left")
