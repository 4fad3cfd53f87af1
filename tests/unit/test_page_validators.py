"""The pages refuse what the add-on refuses, with the same words, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sls_ingest import connection, settings
from sls_ingest.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))
TABS = {tab["name"]: tab for tab in CONFIG["pages"]["configuration"]["tabs"]}
INPUT: dict[str, Any] = {row["field"]: row for row in CONFIG["pages"]["inputs"]["services"][0]["entity"]}
NETWORK = {row["field"]: row for row in TABS["network"]["entity"]}
PROXY = {"proxy_port": TABS["proxy"]["port"]}

NEEDED = {"account": "a", "endpoint": "e.test", "project": "pp", "logstore": "ll"}
PROXY_ON = {"proxy_enabled": "1", "proxy_url": "p"}


def input_of(value: Mapping[str, str]) -> object:
    return settings.parse_input({**NEEDED, **value}, "in")


def window_of(value: Mapping[str, str]) -> object:
    return input_of({"cursor_start_time": "begin", **value})


def proxy_of(value: Mapping[str, str]) -> object:
    return connection.parse_proxy({**PROXY_ON, **value})


def wholes(low: int, high: int) -> list[str]:
    ends = [low - 1, low, low + 1, high - 1, high, high + 1]
    return [*map(str, ends), f" {low} ", "1.5", "-1", "x", f"0{high}", "1e2", "99999999999"]


TIMES = [
    *("begin", "END", "-4h", "- 4 H", "-4", "4h", "now", "1735689600", "17356896000", "12345"),
    *("2026-01-31", "2026-01-31T08:00:00Z", "2026-01-31 08:00:00+08:00", "2026-1-31 8:00", "31.01.2026"),
    *("2026-01-31T08:00:00.123456789 UTC", "2026-01-31T08", "2026-01-31T08:00:00 CET", " -1d ", "-1y"),
]
SAMPLES: list[tuple[dict[str, Any], Callable[[Mapping[str, str]], object], str, list[str]]] = [
    (
        INPUT,
        input_of,
        "endpoint",
        [
            *("cn-hangzhou.log.aliyuncs.com", "https://x.test:8443/", "HTTP://X", "10.0.0.1:443", " x.test "),
            *("x.test/path", "ftp://x", "x_y", "-x", "x-", "", "x:123456", "https://", "ü.test"),
        ],
    ),
    (
        INPUT,
        input_of,
        "project",
        ["ab", "a", "a-b9", "A1", "-ab", "a_b", "a" * 63, "a" * 64, " ab ", "-", "9a"],
    ),
    (INPUT, input_of, "logstore", ["ab", "a", "a_b-9", "Ab", "_ab", "a" * 63, "a" * 64, "-", "a.b"]),
    (INPUT, input_of, "consumer_group", ["ab", "a", "A_b-9", "-ab", "a" * 128, "a" * 129, "a b"]),
    (INPUT, input_of, "index", ["default", "main", "_internal", "Main", "a b", "a-b_c", "-a", "__a", "9"]),
    (INPUT, input_of, "cursor_start_time", TIMES),
    (INPUT, window_of, "cursor_end_time", TIMES),
    (INPUT, input_of, "sourcetype", ["auto", "a:b.c-d_e", ":a", "a b", "a" * 255, "a" * 256]),
    (
        INPUT,
        input_of,
        "index_routes",
        [
            *("waf_*=waf;flow_log=netflow", "a=b", "a = b ; c=d;", ";a=b", "a b=c", "a=_b", " a=b", "ä*=b"),
            *("a", "a=", "=b", "a=B", "a=b c", "a=b=c", "a=b;c", "a=b;;c=d"),
        ],
    ),
    (
        INPUT,
        input_of,
        "event_format",
        ["json", "raw:message", "raw:a b", "raw: x", "raw:", "raw", "JSON", "xml", " json "],
    ),
    (INPUT, input_of, "unfold", ["auto", "none", '{"t": ["event"]}', "{}", "event", "[]", "AUTO"]),
    (INPUT, input_of, "heartbeat_interval", wholes(1, 300)),
    (
        INPUT,
        input_of,
        "data_fetch_interval",
        ["0.01", "60", "0.009", "60.1", "1", "x", "-1", "1e1", ".5", " 1 "],
    ),
    (INPUT, input_of, "fetch_threads", [*wholes(2, 512), "auto", "AUTO", "100", "499", "409"]),
    (INPUT, input_of, "fetch_buffer_mb", wholes(1, 4096)),
    (INPUT, input_of, "max_fetch_log_group_size", wholes(1, 1000)),
    (INPUT, input_of, "metrics_interval", wholes(1, 3600)),
    (NETWORK, connection.parse_network, "connect_timeout", ["1", "120", "0.9", "121", "x", "2.5"]),
    (NETWORK, connection.parse_network, "read_timeout", ["5", "300", "4.9", "301", "x", "7.5"]),
    (PROXY, proxy_of, "proxy_port", wholes(1, 65535)),
]


def told(error: ConfigError) -> str:
    """What the add-on says a value has to be."""
    return str(error).split(" is not accepted; ", 1)[1]


def refusal(entity: Mapping[str, Any], value: str) -> str:
    """What the page says, as its code goes about it; "" where it lets the value pass."""
    if not value:
        return ""  # a field that has to be filled in has a sentence of the page's own
    for rule in entity["validators"]:
        if rule["type"] == "regex":
            passes = re.search(rule["pattern"], value) is not None
        else:
            assert rule["type"] == "number"
            passes = _is_number_in(rule["range"], value)
        if not passes:
            return str(rule["errorMsg"])
    return ""


def _is_number_in(bounds: list[float], value: str) -> bool:
    try:
        return bounds[0] <= float(value) <= bounds[1]
    except ValueError:
        return False


@pytest.mark.parametrize(("page", "parse", "name", "values"), SAMPLES, ids=[row[2] for row in SAMPLES])
def test_page_and_add_on_refuse_the_same_with_the_same_words(
    page: dict[str, Any], parse: Callable[[Mapping[str, str]], object], name: str, values: list[str]
) -> None:
    for value in filter(None, values):
        shown = refusal(page[name], value)
        try:
            parse({name: value})
        except ConfigError as error:
            assert shown == f"{page[name]['label']}: {told(error)}", value
        else:
            assert shown == "", value


def test_every_sentence_of_a_field_is_the_same() -> None:
    for entity in (*INPUT.values(), *NETWORK.values(), *PROXY.values()):
        rules = entity.get("validators", [])
        if entity["field"] != "name":
            assert len({rule["errorMsg"] for rule in rules}) <= 1


def test_every_bounded_setting_has_a_rule_on_the_page() -> None:
    """All but those that take anything, and those with a fixed choice."""
    free = {"topics_include", "topics_exclude", "query", "processor", "source", "host", "time_field"}
    chosen = {"account", "compression", "event_id", "in_order", "interval"}
    ruled = {name for name, entity in INPUT.items() if "validators" in entity}
    assert set(INPUT) - ruled == free | chosen
    assert {row[2] for row in SAMPLES} == (ruled - {"name"}) | {
        "connect_timeout",
        "read_timeout",
        "proxy_port",
    }


def test_the_list_of_endpoints_is_accepted() -> None:
    groups = INPUT["endpoint"]["options"]["autoCompleteFields"]
    hosts = [row["value"] for group in groups for row in group["children"]]
    assert len(hosts) == len(set(hosts))
    for host in hosts:
        assert input_of({"endpoint": host}).endpoint.url == f"https://{host}:443"  # type: ignore[attr-defined]
        assert refusal(INPUT["endpoint"], host) == ""
