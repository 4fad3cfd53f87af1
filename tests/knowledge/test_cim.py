"""The data models, and what is found wrong with an event."""

from __future__ import annotations

import pytest

from tests.knowledge import cim, evalexpr, search
from tests.knowledge.cim import Dataset, Field

WEB = {
    "action": "allowed",
    "bytes": "30",
    "bytes_in": "10",
    "bytes_out": "20",
    "category": "none",
    "dest": "192.0.2.1",
    "dest_port": "443",
    "http_method": "GET",
    "http_user_agent": "curl",
    "http_user_agent_length": "4",
    "src": "192.0.2.2",
    "status": "200",
    "url": "https://example.com/",
    "url_domain": "example.com",
    "vendor_product": "Alibaba Cloud WAF",
}
TRAFFIC = {
    "action": "allowed",
    "app": "https",
    "dest": "192.0.2.1",
    "dest_ip": "192.0.2.1",
    "dest_port": "443",
    "dvc": "gateway",
    "protocol": "ip",
    "protocol_version": "ipv4",
    "src": "192.0.2.2",
    "src_ip": "192.0.2.2",
    "src_port": "40000",
    "transport": "tcp",
    "vendor_product": "Alibaba Cloud VPC",
}


def _all(dataset: Dataset) -> list[Dataset]:
    return [dataset, *(found for child in dataset.children for found in _all(child))]


EVERY = [found for roots in cim.models().values() for root in roots for found in _all(root)]


def _paths(fields: dict[str, str], *tags: str) -> list[str]:
    return [f"{d.model}/{d.path}" for d in cim.matched(fields, tags)]


def _found(fields: dict[str, str], *tags: str, absent: dict[str, frozenset[str]] | None = None) -> set[str]:
    problems = cim.check(cim.matched(fields, tags), fields, tags, absent or {})
    return {f"{problem.field} {problem.message}" for problem in problems}


def _fields(fields: dict[str, str], *tags: str) -> set[str]:
    return {line.split(" ", 1)[0] for line in _found(fields, *tags)}


def test_all_models_are_there() -> None:
    assert len(cim.models()) == 23
    assert {"Web", "Authentication", "Change", "Network_Traffic", "Endpoint"} <= cim.models().keys()


@pytest.mark.parametrize("dataset", EVERY, ids=lambda d: f"{d.model}/{d.path}")
def test_all_of_the_data_can_be_read(dataset: Dataset) -> None:
    search.parse(cim._capitals(dataset.constraint)) if dataset.constraint else None
    for one in dataset.fields:
        cim.holds(one.condition, {}, ())
        if one.validity:
            evalexpr.parse(cim._validity(one.validity, ("web",)))


def test_corrections_are_of_fields_that_exist_and_still_needed() -> None:
    fields = {(d.model, f.name): f for d in EVERY for f in d.fields}
    assert cim.CORRECTIONS.keys() <= fields.keys()
    assert "AAAA" in fields["Network_Resolution", "query_type"].allowed
    assert "0" in fields["Network_Resolution", "reply_code_id"].allowed


def test_datasets_by_tags_and_constraints() -> None:
    assert _paths({}, "web") == ["Web/Web"]
    assert _paths({}, "web", "proxy") == ["Web/Web", "Web/Web.Proxy"]
    assert _paths({}, "proxy") == []
    failed = _paths({"action": "failure"}, "authentication")
    assert failed == ["Authentication/Authentication", "Authentication/Authentication.Failed_Authentication"]
    assert _paths({"action": "success", "user": "machine$"}, "authentication") == []
    assert _paths({"object_category": "file"}, "change") == []


def test_a_right_event() -> None:
    assert _found(WEB, "web") == set()
    assert _found(TRAFFIC, "network", "communicate") == set()


@pytest.mark.parametrize("name", sorted(WEB.keys() - {"bytes_in", "http_user_agent"}))
def test_required_fields(name: str) -> None:
    assert f"{name} required and absent" in _found({k: v for k, v in WEB.items() if k != name}, "web")


def test_fields_that_are_declared_absent() -> None:
    without = {k: v for k, v in WEB.items() if not k.startswith("bytes_")}
    assert _fields(without, "web") == {"bytes", "bytes_in", "bytes_out"}
    absent = {"Web": frozenset({"bytes_in", "bytes_out"})}
    assert _found(without, "web", absent=absent) == set()
    assert _found({**without, "bytes": "many"}, "web", absent=absent) != set()


@pytest.mark.parametrize("value", ["", "-", "unknown", "Unknown", "null", "(null)", "N/A"])
def test_words_that_are_no_value(value: str) -> None:
    assert "user" in _fields({**WEB, "user": value}, "web")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "999"),
        ("http_method", "get"),
        ("bytes", "31"),
        ("bytes", "x"),
        ("dest_port", "https"),
        ("http_user_agent_length", "5"),
        ("url_length", "3"),
        ("uri_path", "no slash"),
        ("cached", "yes"),
        ("app", "7"),
    ],
)
def test_wrong_values(name: str, value: str) -> None:
    assert name in _fields({**WEB, name: value}, "web")


def test_one_value_only() -> None:
    problems = cim.check(cim.matched(WEB, ("web",)), {**WEB, "src": ("192.0.2.2", "192.0.2.3")}, ("web",), {})
    assert [problem.field for problem in problems] == ["src"]
    assert problems[0].wrong


def test_clusters() -> None:
    fields = {k: v for k, v in WEB.items() if k != "bytes_out"}
    assert any("is given without bytes_out" in line for line in _found(fields, "web"))


@pytest.mark.parametrize(
    "name", ["dest_ip", "src_ip", "src_port", "dest_port", "protocol", "protocol_version"]
)
def test_conditional_fields(name: str) -> None:
    fields = {k: v for k, v in TRAFFIC.items() if k != name}
    assert f"{name} conditional and absent" in _found(fields, "network", "communicate")


def test_conditions_that_do_not_hold() -> None:
    fields = {**TRAFFIC, "src": "client", "dest": "server", "transport": "icmp", "protocol": "icmp"}
    for name in ("src_ip", "dest_ip", "src_port", "dest_port"):
        del fields[name]
    found = _fields(fields, "network", "communicate")
    assert found == {"icmp_code", "icmp_type"}
    assert not _found({**fields, "icmp_code": "0", "icmp_type": "8"}, "network", "communicate")


def test_bytes_of_traffic_may_be_zero() -> None:
    fields = {**TRAFFIC, "bytes": "0", "bytes_in": "0", "bytes_out": "0"}
    assert _found(fields, "network", "communicate") == set()


def test_fields_for_enterprise_security() -> None:
    for name in ("src_category", "dest_bunit", "user_priority", "dest_requires_av", "tag"):
        assert name in _fields({**WEB, name: "x"}, "web")
    assert not cim.is_excluded("object_category")
    assert not cim.is_excluded("category")
    assert all(cim.is_excluded(name) for name in cim.common_fields())
    assert not {f.name for d in EVERY for f in d.fields} & cim.common_fields()


def test_not_allowed_in_search() -> None:
    fields = {"src_ip": "192.0.2.1"}
    assert any("not allowed in" in line for line in _found(fields, "network", "session", "dhcp"))


def test_validity_that_looks_at_tags() -> None:
    change = {"object_category": "user"}
    assert "object_category" in _fields(change, "change")
    assert "object_category" not in _fields(change, "change", "account")
    assert "object_category" in _fields({"object_category": "policy"}, "change", "account")


def test_strictest_definition_counts() -> None:
    found = cim.effective(cim.matched({"action": "success"}, ("authentication", "privileged")))
    kinds = {one.kind for one in found.values()}
    assert kinds <= {cim.REQUIRED, cim.CONDITIONAL, cim.OPTIONAL}
    assert isinstance(found["Authentication", "action"], Field)
