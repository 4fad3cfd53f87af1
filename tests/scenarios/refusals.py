"""What is refused, and where secrets are not."""

from __future__ import annotations

from tests.addon import APP
from tests.scenarios.site import ACCOUNT, KEY_ID, KEY_SECRET
from tests.scenarios.stage import Stage, scenario

SECRET = "AkSecret-9b1f-Unmistakable"
TOKEN = "StsToken-77aa-" + "x" * 600  # longer than one entry of the password store
PROXY_PASSWORD = "Proxy:Pass/word-41d2"
SECRETS = (SECRET, TOKEN, PROXY_PASSWORD, "Proxy%3APass%2Fword-41d2")
OTHER_ID = "LTAI5tScenarioSecrets"


@scenario()
def an_account_that_cannot_work_is_refused_on_save(stage: Stage) -> None:
    """An account without its secret, or without the role it is to assume, is refused with the sentence that
    names the setting, and no secret is in it.
    """
    for over, sentence in [
        ({"access_key_secret": ""}, "access_key_secret"),
        ({"auth_type": "assume_role"}, "role_arn: '' is not accepted; give the ARN of a RAM role"),
    ]:
        fields = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, **over}
        text = stage.refusal(lambda fields=fields: stage.site.pages.create_account("refused", **fields))  # type: ignore[misc]
        assert sentence in text
        assert KEY_SECRET not in text


@scenario()
def an_input_that_cannot_work_is_refused_on_save(stage: Stage) -> None:
    """splunkd has the input's script look before it saves: a logstore that does not exist, a wrong secret and
    a setting that is none are refused with their sentence, and nothing is saved.
    """
    pages = stage.site.pages
    pages.create_account("wrong", access_key_id=KEY_ID, access_key_secret="not-" + KEY_SECRET)
    for over, sentence in [
        ({"logstore": "nosuchstore"}, "logstore 'nosuchstore' does not exist"),
        ({"account": "wrong"}, "SLS does not accept the AccessKey secret"),
        ({"heartbeat_interval": "soon"}, "heartbeat_interval: 'soon' is not accepted; give a whole number"),
        ({"account": "nobody"}, "account: 'nobody' is not accepted; give the name of an account"),
    ]:
        text = stage.refusal(lambda over=over: stage.create_input(**over))  # type: ignore[misc]
        assert sentence in text
        assert KEY_SECRET not in text
    path = f"/servicesNS/nobody/{APP}/data/inputs/alibaba_sls/{stage.name}"
    assert stage.site.rest("GET", path).status == 404


@scenario()
def secrets_are_nowhere_but_in_the_password_store(stage: Stage) -> None:
    """After a run at log level DEBUG with an AccessKey secret, a long STS token and a proxy's password: none
    of them is in a conf file, a log, the input's arguments or environment, an answer of a page, or an
    event.
    """
    site, pages = stage.site, stage.site.pages
    site.sls.add_access_key(OTHER_ID, SECRET, security_token=TOKEN)
    site.sls.set_knob("proxy_basic", f"user:{PROXY_PASSWORD}")
    pages.set_log_level("DEBUG")
    proxy = {"proxy_url": site.sls_address.host, "proxy_port": site.sls_address.http_port}
    pages.set_proxy(
        proxy_enabled="1", proxy_type="http", proxy_username="user", proxy_password=PROXY_PASSWORD, **proxy
    )
    try:
        fields = {"access_key_id": OTHER_ID, "access_key_secret": SECRET, "security_token": TOKEN}
        pages.create_account("secrets", **fields)
        stage.create_input(account="secrets")
        stage.put(50)
        stage.arrived()
        process = stage.until(stage.process, 10, "a process")
        assert_none(str(process), "the process's arguments or environment")
        site.sls.fault(
            "*", kind="status", status=401, code="Unauthorized", message="x", times=20, logstore=stage.name
        )
        answer = site.rest("GET", f"/servicesNS/nobody/{APP}/{APP}_account/secrets", expect=200)
        assert OTHER_ID in answer.text
        assert_none(answer.text, "the account's own page")
        stage.until(lambda: "401" in stage.own_log() or "Unauthorized" in stage.own_log(), 20, "trouble")
        assert site.files_with(SECRETS) == []
        assert site.files_with([OTHER_ID]) != [], "what is searched has the files of the account"
        assert_none("".join(event.raw for event in stage.events()), "an event")
        assert_none(str(site.sls.requests()), "the addresses that were called")
    finally:
        pages.set_log_level("INFO")
        pages.set_proxy(proxy_enabled="0", proxy_type="http", **proxy)
        site.sls.set_knob("proxy_basic", "")


def assert_none(text: str, where: str) -> None:
    for secret in SECRETS:
        assert secret not in text, f"a secret in {where}"


@scenario()
def the_doctor_finds_an_input_in_order(stage: Stage) -> None:
    """`splunk cmd python alibaba_sls_doctor.py` goes the whole way of a saved input and finds nothing
    wrong.
    """
    stage.create_input(disabled="1")
    key = stage.site.session_key()
    script = f"etc/apps/{APP}/bin/alibaba_sls_doctor.py"
    ran = stage.site.python(script, "--session-key-stdin", "--stanza", stage.name, stdin=f"{key}\n")
    first = f"Checks of input '{stage.name}' (audit/{stage.name}, account '{ACCOUNT}')"
    assert ran.output.splitlines()[:1] == [first], ran.errors
    assert ran.output.splitlines()[-1].startswith("0 failed, 0 warning, 0 skipped, "), ran.output
    assert ran.code == 0
