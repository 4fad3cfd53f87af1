"""Whom the drop-downs sign for, and how long they list."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sls_ingest import choices
from sls_ingest.connection import NetworkSettings
from sls_ingest.errors import RetriableError
from sls_ingest.settings import Endpoint

TRUSTED = NetworkSettings("/etc/ca.pem")


@pytest.mark.parametrize(
    "host",
    ["cn-hangzhou.log.aliyuncs.com", "cn-hangzhou-intranet.log.aliyuncs.com", "log-global.aliyuncs.com"],
)
@pytest.mark.parametrize("scheme", ["https", "http"])  # which the account has to allow
def test_slss_own_hosts_are_asked(host: str, scheme: str) -> None:
    choices._check_host(Endpoint(scheme, host, 443), NetworkSettings())


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "cn-hangzhou.log.aliyuncs.co",
        "evil-log.aliyuncs.com",
        "log.aliyuncs.com.example.com",
        "1234.cn-hangzhou.fc.aliyuncs.com",
    ],
)
def test_others_are_asked_only_when_they_have_to_prove_themselves(host: str) -> None:
    for scheme, network in (("https", NetworkSettings()), ("http", TRUSTED)):
        with pytest.raises(RetriableError, match=r"is not a host under log\.aliyuncs\.com"):
            choices._check_host(Endpoint(scheme, host, 443), network)
    choices._check_host(Endpoint("https", host, 443), TRUSTED)


class Page:
    """An answer that promises more."""

    def get_total(self) -> int:
        return 1000


def test_no_further_page_is_asked_for_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 1000, 7))
    monkeypatch.setattr(choices, "time", SimpleNamespace(monotonic=lambda: float(next(now))))
    assert choices._paged(lambda offset: Page(), lambda page: ["name"]) == ["name", "name"]
