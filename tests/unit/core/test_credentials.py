from __future__ import annotations

import logging
import threading
from typing import Callable

import pytest
from aliyun.log import LogException

from sls_ingest.connection import AccountSettings, parse_account
from sls_ingest.credentials import CurrentAccount, is_refusal
from sls_ingest.errors import RetriableError


def account(secret: str) -> AccountSettings:
    params = {"access_key_id": "id", "access_key_secret": secret, "security_token": f"token of {secret}"}
    return parse_account(params, "prod")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(current: CurrentAccount) -> None:
    """Report a refusal and wait for what it sets off."""
    current.refused()
    for thread in threading.enumerate():
        if thread.name == "account":
            thread.join(5)


def current(load: Callable[[], AccountSettings], clock: Clock) -> CurrentAccount:
    return CurrentAccount(account("old"), logging.getLogger("unit"), load, clock)


def test_a_refused_account_is_read_again_and_its_new_key_is_used(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    own = current(lambda: account("new"), clock)
    clock.now += 10
    refused(own)
    given = own.get_credentials()
    assert (given.get_access_key_secret(), given.get_security_token()) == ("new", "token of new")
    assert "account 'prod' was changed" in caplog.text
    assert "new" not in caplog.text.replace("new key", "")


def test_it_is_read_at_most_every_few_seconds() -> None:
    looks: list[int] = []
    clock = Clock()

    def load() -> AccountSettings:
        looks.append(1)
        return account("old")

    own = current(load, clock)
    for _ in range(100):
        clock.now += 0.1
        refused(own)
    assert 1 <= len(looks) <= 2


def test_when_splunkd_does_not_answer_the_old_key_stays(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()

    def load() -> AccountSettings:
        raise RetriableError("splunkd is away")

    own = current(load, clock)
    clock.now += 10
    refused(own)
    assert own.get_credentials().get_access_key_secret() == "old"
    assert "splunkd is away" in caplog.text


@pytest.mark.parametrize(
    ("code", "status", "refusal"),
    [
        ("Unauthorized", 401, True),
        ("SignatureNotMatch", 401, True),
        ("SecurityTokenExpired", 400, True),
        ("InvalidAccessKeyId", 401, True),
        ("InternalServerError", 500, False),
        ("LogRequestError", -1, False),
        ("ReadQuotaExceed", 403, False),
    ],
)
def test_what_counts_as_a_refusal_of_the_account(code: str, status: int, refusal: bool) -> None:
    assert is_refusal(LogException(code, "text", resp_status=status)) is refusal
