from __future__ import annotations

import logging
import math
import threading

import pytest
from aliyun.log import LogException

from sls_ingest.access_key import AccessKey
from sls_ingest.connection import AccountSettings, parse_account
from sls_ingest.credentials import CurrentAccount, is_refusal
from sls_ingest.errors import ConfigError, RetriableError

LIFE = 3600.0


def account(secret: str = "old", **given: str) -> AccountSettings:
    params = {"access_key_id": "id", "access_key_secret": secret, "security_token": f"token of {secret}"}
    return parse_account({**params, **given}, "prod")


def role(name: str = "reader") -> AccountSettings:
    return account(auth_type="assume_role", role_arn=f"acs:ram::1:role/{name}")


class World:
    """What is outside: a clock, splunkd and STS, each of which may be away."""

    def __init__(self, stored: AccountSettings) -> None:
        self.now = 100.0
        self.stored = stored
        self.splunkd_error: Exception | None = None
        self.sts_error: Exception | None = None
        self.loads = 0
        self.fetches: list[float] = []

    def clock(self) -> float:
        return self.now

    def load(self) -> AccountSettings:
        self.loads += 1
        if self.splunkd_error:
            raise self.splunkd_error
        return self.stored

    def fetch(self, wanted: AccountSettings) -> AccessKey:
        if wanted.role is None:
            return AccessKey(wanted.access_key_id, (wanted.access_key_secret, wanted.security_token))
        self.fetches.append(self.now)
        if self.sts_error:
            raise self.sts_error
        name = wanted.role.arn.rpartition("/")[2]
        return AccessKey(f"STS.{name}{len(self.fetches)}", ("s", "t"), LIFE)

    def start(self) -> CurrentAccount:
        return CurrentAccount(self.stored, logging.getLogger("unit"), self.load, self.fetch, self.clock)

    def run(self, own: CurrentAccount, seconds: float, *, refused: bool = False) -> None:
        """Time passes; the account's thread looks four times a second."""
        for _ in range(int(seconds * 4)):
            self.now += 0.25
            if refused:
                own.refused()
            own.look()


@pytest.fixture(autouse=True)
def info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_refused_account_is_read_again_and_its_new_key_is_used(caplog: pytest.LogCaptureFixture) -> None:
    world = World(account("old"))
    own = world.start()
    world.stored = account("new")
    world.run(own, 6, refused=True)
    given = own.get_credentials()
    assert (given.get_access_key_secret(), given.get_security_token()) == ("new", "token of new")
    assert "account 'prod' was changed" in caplog.text
    assert "token of" not in caplog.text


def test_an_account_that_is_not_refused_is_not_read() -> None:
    world = World(account())
    own = world.start()
    world.run(own, 600)
    assert world.loads == 0


def test_it_is_read_at_most_every_few_seconds() -> None:
    world = World(account())
    world.run(world.start(), 60, refused=True)
    assert 10 <= world.loads <= 12


@pytest.mark.parametrize("error", [RetriableError("splunkd is away"), ConfigError("role_arn", "x", "give y")])
def test_when_the_account_cannot_be_read_the_old_key_stays_and_that_is_said_once(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    world = World(account("old"))
    own = world.start()
    world.splunkd_error = error
    world.run(own, 60, refused=True)
    assert own.get_credentials().get_access_key_secret() == "old"
    assert caplog.messages == [f"account 'prod' cannot be read anew: {error}"]
    world.splunkd_error = None
    world.run(own, 6, refused=True)
    assert caplog.messages[1:] == ["reading account 'prod' anew works again"]


def test_a_roles_credentials_are_renewed_before_half_of_their_life_is_over() -> None:
    world = World(role())
    own = world.start()
    world.run(own, 4 * LIFE)
    gaps = [later - earlier for earlier, later in zip(world.fetches, world.fetches[1:])]
    assert len(gaps) >= 8
    assert all(0.4 * LIFE <= gap <= 0.5 * LIFE + 1 for gap in gaps)
    assert own.get_credentials().get_access_key_id() == f"STS.reader{len(world.fetches)}"


def test_a_failed_renewal_is_tried_again_with_back_off_while_the_old_credentials_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(role())
    own = world.start()
    world.run(own, 0.39 * LIFE)
    world.sts_error = RetriableError("account 'prod': no answer from STS", "STS: away")
    world.run(own, 290 + 0.11 * LIFE)
    assert own.get_credentials().get_access_key_id() == "STS.reader1"
    tries = world.fetches[1:]
    assert 6 <= len(tries) <= 22
    assert min(later - earlier for earlier, later in zip(tries[6:], tries[7:])) >= 30
    said = [text for text in caplog.messages if "no answer from STS" in text]
    assert 1 <= len(said) <= 3  # again after each five minutes
    assert said[0].startswith("account 'prod': no answer from STS (those in use last 3")

    world.run(own, LIFE)  # they have expired
    assert own.get_credentials().get_access_key_id() == "STS.reader1"
    assert caplog.messages[-1].endswith("(those in use have expired)")
    world.sts_error = None
    world.run(own, 61)
    assert own.get_credentials().get_access_key_id() == f"STS.reader{len(world.fetches)}"
    assert "renewing the credentials of account 'prod' works again" in caplog.text


def test_a_missing_permission_does_not_make_sts_work(caplog: pytest.LogCaptureFixture) -> None:
    """It looks like a refusal of the credentials, for as long as it is missing."""
    world = World(role())
    world.run(world.start(), 600, refused=True)
    assert 9 <= len(world.fetches) <= 11


def test_a_changed_role_is_taken_over_at_the_next_renewal_or_refusal() -> None:
    world = World(role("reader"))
    own = world.start()
    world.stored = role("other")
    world.run(own, 0.51 * LIFE)
    assert own.access_key.id.startswith("STS.other")
    world.stored = role("third")
    world.run(own, 6, refused=True)
    assert own.access_key.id.startswith("STS.third")
    world.stored = account("plain")
    world.run(own, 6, refused=True)
    assert (own.access_key.id, own.access_key.life) == ("id", math.inf)


def test_a_change_that_cannot_work_leaves_the_old_key_and_is_tried_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(account("old"))
    own = world.start()
    world.stored, world.sts_error = role(), RetriableError("account 'prod': STS does not know the role")
    world.run(own, 6, refused=True)
    assert own.get_credentials().get_access_key_secret() == "old"
    assert "does not know the role (the key in use stays in use)" in caplog.text
    world.sts_error = None
    world.run(own, 3)
    assert own.access_key.id.startswith("STS.reader")


def test_the_first_credentials_are_there_or_the_start_fails() -> None:
    world = World(role())
    world.sts_error = RetriableError("no")
    with pytest.raises(RetriableError):
        world.start()


def test_the_thread_renews_and_ends_with_the_run() -> None:
    """Real time: a life so short that the first renewal is due in a second."""
    renewed = threading.Event()

    def fetch(wanted: AccountSettings) -> AccessKey:
        if threading.current_thread().name == "account":
            renewed.set()
        return AccessKey("STS.x", ("s", "t"), 0.1)

    own = CurrentAccount(role(), logging.getLogger("unit"), role, fetch)
    with own.kept_fresh():
        assert renewed.wait(5)
        (thread,) = (thread for thread in threading.enumerate() if thread.name == "account")
        assert thread.daemon
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("broken", ["load", "fetch", "look"])
def test_the_thread_outlives_what_nobody_thought_of(
    broken: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real time: the third try is good."""
    tries = 0
    renewed = threading.Event()

    def breaks(what: str) -> None:
        nonlocal tries
        if what == broken and threading.current_thread().name == "account":
            tries += 1
            if tries <= 2:
                raise KeyError("s3cr3t")

    def load() -> AccountSettings:
        breaks("load")
        return role()

    def fetch(_: AccountSettings) -> AccessKey:
        breaks("fetch")
        if tries > 2:
            renewed.set()
        return AccessKey("STS.x", ("s", "t"), 0.1)

    def look(self: CurrentAccount) -> None:
        breaks("look")
        plain(self)

    plain = CurrentAccount.look
    monkeypatch.setattr(CurrentAccount, "look", look)
    with CurrentAccount(role(), logging.getLogger("unit"), load, fetch).kept_fresh():
        assert renewed.wait(20)
    assert (
        len([text for text in caplog.messages if "unexpected KeyError in test_credentials.py:" in text]) == 1
    )
    assert "s3cr3t" not in caplog.text


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
