"""A forwarder with every kind of account and setting: what is recorded of a release, for its upgrade."""

from __future__ import annotations

from typing import Any

from tests.addon import APP, ROOT, SCHEME
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT, Forwarder
from tests.functional.recorded import Places
from tests.standins.sls import SlsServer

TOKEN_ID, TOKEN_SECRET, TOKEN = "LTAI5tFunctionalToken", "functional-token-secret-91", "functional-token-5f"
ARN, EXTERNAL_ID = "acs:ram::1234567890123456:role/log-reader", "ours+and/theirs=1"
PROXY_USER, PROXY_PASSWORD = "me", "p@ss: w/rd%41#"
READ_BY = {"defaults": "central", "everything": "second", "by_token": "third", "by_role": "fourth"}
"""The logstore of each enabled input."""
BY_HAND = ("by_token",)
"""Inputs that were written into inputs.conf with what is required and nothing else."""
_OF_SPLUNKD = ("eai:", "_", "python.", "start_by_shell", "host_resolved")
PAGES = ("account", SCHEME, "settings/proxy", "settings/network", "settings/logging")

KEY = {"auth_type": "access_key", "access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
ASSUMED = {
    "auth_type": "assume_role",
    "role_arn": ARN,
    "external_id": EXTERNAL_ID,
    "role_session_name": "hf-1",
    "role_duration": "1800",
    "sts_endpoint": "sts.sls.test:@HTTPS@",
}
ACCOUNTS = {
    "key": KEY,
    "token": {
        "auth_type": "access_key",
        "access_key_id": TOKEN_ID,
        "access_key_secret": TOKEN_SECRET,
        "security_token": TOKEN,
        "allow_http": "1",
    },
    "instance": {"auth_type": "ecs_ram_role", "role_name": "forwarder"},
    "assumed": {**KEY, **ASSUMED, "source_credentials": "access_key"},
    "assumed_by_instance": {**ASSUMED, "source_credentials": "ecs_ram_role"},
}
NETWORK = {
    "ca_bundle": "@CA@",
    "connect_timeout": "5",
    "read_timeout": "30",
    "no_proxy": ".internal.test;10.0.0.0/8",
}
PROXY = {
    "proxy_enabled": "1",
    "proxy_type": "http",
    "proxy_url": "127.0.0.1",
    "proxy_port": "@HTTP@",
    "proxy_username": PROXY_USER,
    "proxy_password": PROXY_PASSWORD,
    "proxy_rdns": "0",
}
INPUTS: dict[str, dict[str, str]] = {
    "defaults": {"account": "key", "interval": "60"},
    "everything": {
        "account": "instance",
        "consumer_group": "shared-group",
        "cursor_start_time": "begin",
        "heartbeat_interval": "3",
        "data_fetch_interval": "0.5",
        "fetch_threads": "4",
        "fetch_buffer_mb": "32",
        "max_fetch_log_group_size": "100",
        "in_order": "1",
        "compression": "deflate",
        "topics_include": "waf*;other",
        "topics_exclude": "test_*",
        "unfold": '{"waf": ["matched"]}',
        "time_field": "none",
        "event_id": "1",
        "host": "edge-1",
        "source": "sls: second",
        "sourcetype": "alibaba:ours",
        "index": "summary",
        "index_routes": "waf*=history",
        "interval": "30",
    },
    "by_token": {"account": "token", "endpoint": "http://sls.test:@HTTP@"},
    "by_role": {"account": "assumed", "cursor_start_time": "end"},
    "disabled": {
        "account": "assumed_by_instance",
        "disabled": "1",
        "cursor_start_time": "2026-10-01T00:00:00Z",
        "cursor_end_time": "2026-10-31 23:59:59+08:00",
        "event_format": "raw:message",
        "query": "* | where status = 'a,b'",
    },
}


def prepare(sls: SlsServer) -> None:
    """What the installation needs in SLS, beside the key, project and logstore of the fixture."""
    sls.control.add_access_key(TOKEN_ID, TOKEN_SECRET, security_token=TOKEN)
    sls.control.add_role("forwarder", ecs=True)
    sls.control.add_role("log-reader", external_id=EXTERNAL_ID)
    sls.control.set_knob("proxy_basic", f"{PROXY_USER}:{PROXY_PASSWORD}")
    for logstore in READ_BY.values():
        if logstore != "central":
            sls.control.create_logstore(PROJECT, logstore, shards=1)


def set_up(forwarder: Forwarder) -> None:
    """Make all of it over REST, as its administrator did on the pages."""
    filled = Places(forwarder.sls).filled
    forwarder.addon.set_network(**filled(NETWORK))
    forwarder.addon.set_proxy(**filled(PROXY))
    forwarder.addon.set_log_level("DEBUG")
    for name, account in ACCOUNTS.items():
        forwarder.addon.create_account(name, **filled(account))
    common = {"endpoint": forwarder.sls.https_endpoint, "project": PROJECT}
    for name, settings in INPUTS.items():
        fields = {**common, "logstore": READ_BY.get(name, "central"), **filled(settings)}
        if name in BY_HAND:
            path = f"/servicesNS/nobody/{APP}/data/inputs/{SCHEME}"
            forwarder.rest("POST", path, data={"name": name, **fields}, expect=201)
        else:
            forwarder.addon.create_input(name, **fields)


def shown(forwarder: Forwarder, pages: tuple[str, ...] = PAGES) -> dict[str, dict[str, dict[str, Any]]]:
    """What the pages get to show: page -> entity -> its settings, without what splunkd adds."""
    answers = {}
    for page in pages:
        reply = forwarder.rest("GET", f"{ROOT}_{page}?count=0", expect=200)
        answers[page] = {entry["name"]: _settings(entry["content"]) for entry in reply.json["entry"]}
    return answers


def _settings(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if not key.startswith(_OF_SPLUNKD)}
