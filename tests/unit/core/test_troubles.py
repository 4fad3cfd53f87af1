"""Every kind of trouble that the log can name has a group and a remedy in alibaba_sls_troubles.csv."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sls_ingest import explain, outage, sls_client, splunkd, sts
from tests.knowledge import conf, lookup

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "bin" / "sls_ingest"
GROUPS = {
    *("authentication", "permission", "quota", "clock", "network", "proxy", "tls", "project", "service"),
    *("data_loss", "quarantine", "settings", "splunkd", "other"),
}
CODES = {
    "SignatureNotMatch": "authentication",
    "RequestTimeExpired": "clock",
    "RequestTimeTooSkewed": "clock",
    "ProjectNotExist": "project",
    "ProjectForbidden": "project",
    "LogStoreNotExist": "project",
    "ConsumerGroupQuotaExceed": "quota",
    "InvalidAccessKeyId": "authentication",
    "ReadQuotaExceed": "quota",
    "ShardReadQuotaExceed": "quota",
    "MetaOperationQpsLimitExceeded": "quota",
    "ServerBusy": "service",
    "InternalServerError": "service",
    "Unauthorized": "authentication",
    "SecurityTokenExpired": "authentication",
    "SecurityToken.Expired": "authentication",
    "BadResponse": "service",
}
MESSAGES = {
    "denied by sts or ram, action: log:x": "permission",
    "AccessKeyId not found: x": "authentication",
    "AccessKeyId is disabled: x": "authentication",
    "The security token you provided has expired.": "authentication",
    "The project does not belong to you.": "project",
    "Bad json format: x": "network",
    "Your SLS service has not opened.": "project",
}
NETWORK = {
    "ca_bundle": "tls",
    "proxy address": "proxy",
    "proxy sign-in": "proxy",
    "proxy refusal": "proxy",
    "proxy": "proxy",
    "certificate name": "tls",
    "certificate time": "tls",
    "certificate self-signed": "tls",
    "certificate": "tls",
    "tls": "tls",
    "dns": "network",
    "time-out": "network",
    "refused": "network",
    "other": "network",
}
STS = {
    "EntityNotExist.Role": "settings",
    "NoPermission": "permission",
    "InvalidParameter.DurationSeconds": "settings",
    "InvalidParameter.RoleArn": "settings",
    "InvalidParameter.RoleSessionName": "settings",
    "InvalidParameter.ExternalId": "settings",
    "InvalidParameter.PolicyGrammar": "settings",
    "SignatureNonceUsed": "service",
    "SignatureDoesNotMatch": "authentication",
    "IncompleteSignature": "authentication",
    "InvalidAccessKeyId.Inactive": "authentication",
    "InvalidAccessKeyId.NotFound": "authentication",
    "InvalidSecurityToken.Expired": "authentication",
    "InvalidTimeStamp.Expired": "clock",
    "Throttling.User": "quota",
    "InternalError": "service",
    "ServiceUnavailable": "service",
    "HTTP 502": "network",
    "away": "network",
    "unusable": "service",
}
OTHERS = {
    outage.GAP: "data_loss",
    outage.QUARANTINE: "quarantine",
    outage.SETTINGS: "settings",
    outage.SPLUNKD: "splunkd",
    outage.INTERNAL: "other",
    outage.BAD_RESPONSE: "service",
    splunkd.EXPIRED: "splunkd",
    sls_client._STALE_CONSUMER: "service",
    "ECS: no role": "settings",
    "ECS: away": "network",
    "ECS: unusable": "service",
    "ECS: HTTP 403": "permission",
    "SomethingNew": "other",
}
FOR_PEOPLE = {"doctor", "doctor_rewind", "at_rest", "group_checkpoints", "choices", "rewind"}
"""Modules whose errors a person is shown; they never get into an input's log."""


@pytest.fixture(scope="module")
def table() -> lookup.Lookup:
    return lookup.parse("test", "alibaba_sls_troubles exc_l OUTPUT trouble remedy", conf.from_source(ROOT))


def group(table: lookup.Lookup, kind: str) -> str:
    found = table.run({"exc_l": kind})
    assert isinstance(found["remedy"], str)
    assert isinstance(found["trouble"], str)
    return found["trouble"]


def test_each_row_has_a_group_and_a_short_remedy_and_the_rest_stands_last(
    table: lookup.Lookup,
) -> None:
    rows = table.table.rows
    assert {row["trouble"] for row in rows} == GROUPS
    assert all(0 < len(row["remedy"]) <= 160 for row in rows)
    assert [row["trouble"] for row in rows if row["exc_l"] == "*"] == ["other"]
    assert rows[-1]["exc_l"] == "*"


def test_no_row_is_hidden_behind_another(table: lookup.Lookup) -> None:
    for row in table.table.rows:
        found = table.run({"exc_l": row["exc_l"].replace("*", "-")})
        assert found == {"trouble": row["trouble"], "remedy": row["remedy"]}, row["exc_l"]


def test_codes_of_sls(table: lookup.Lookup) -> None:
    assert {code: group(table, explain.kind(code, "x")) for code in CODES} == CODES
    for needle, _ in explain._BY_CODE:
        assert any(needle in code.lower() for code in CODES), needle


def test_codes_of_sls_that_a_message_tells_apart(table: lookup.Lookup) -> None:
    for code in ("Unauthorized", "InvalidAccessKeyId", "SomethingNew"):
        told = {message: group(table, explain.kind(code, message)) for message in MESSAGES}
        assert told == MESSAGES
    for needle, _ in explain._BY_MESSAGE:
        assert any(needle in message.lower() for message in MESSAGES), needle


def test_failures_of_the_network(table: lookup.Lookup) -> None:
    kinds = {kind for _, kind in explain._NETWORK} | {explain._OTHER_TROUBLE}
    assert kinds == explain._NETWORK_SENTENCES.keys()
    assert {kind: group(table, f"network: {kind}") for kind in kinds} == NETWORK
    for needle, kind in explain._NETWORK:
        assert explain.kind("LogRequestError", f"X({needle})") == f"network: {kind}"


def test_refusals_of_sts(table: lookup.Lookup) -> None:
    assert {code: group(table, f"STS: {code}") for code in STS} == STS
    for needle, _ in sts._ROWS:
        assert any(needle in code.lower() for code in STS), needle


def test_all_others(table: lookup.Lookup) -> None:
    assert {kind: group(table, kind) for kind in OTHERS} == OTHERS


def test_every_error_on_the_way_of_a_log_names_its_kind() -> None:
    """Or the sentence itself would be the kind, which no row can know."""
    raised = {
        f"{path.stem}:{call.lineno}": call for path in SOURCES.glob("*.py") for call in _retriable(path)
    }
    assert len(raised) > 10
    without = {place.partition(":")[0] for place, call in raised.items() if len(call.args) < 2}
    assert without <= FOR_PEOPLE, raised.keys()


def _retriable(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("RetriableError", "DefiniteError"):
            yield node
