"""What pages and splunkd are told of a failure holds no secret, and no answer of splunkd ends a process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import custom_hook_mixin
import pytest
from solnlib import log
from splunktaucclib.rest_handler.error import RestError

from sls_ingest import app, choices
from sls_ingest.errors import RetriableError
from sls_ingest.logs import Redactor
from sls_ingest.splunkd import Splunkd
from sls_ingest.verdict import FAILED, WARNING, RefusedError, Result

PASSWORD = "S3cr@t!x"
TEXT = f"Failed to parse: http://bob:S3cr%40t%21x@proxy:3128:8080 and {PASSWORD}"
SHOWN = "Failed to parse: http://bob:******@proxy:3128:8080 and ******"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    monkeypatch.setenv("SPLUNKD_URI", "https://127.0.0.1:1")
    (tmp_path / "var" / "log" / "splunk").mkdir(parents=True)
    yield tmp_path
    for logger in list(log.Logs()._loggers.values()):
        for handler in list(logger.handlers):
            handler.close()
            logger.removeHandler(handler)
    logging.getLogger("aliyun").handlers = []


def test_what_a_refused_input_says(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(stanza: str, params: Any, site: Any, protect: Callable[..., None]) -> list[Result]:
        protect(PASSWORD)
        return [Result("a", WARNING, TEXT), Result("b", FAILED, TEXT, TEXT)]

    monkeypatch.setattr(app, "check", check)
    with pytest.raises(RefusedError) as refused:
        app.check_input("in", {}, "https://127.0.0.1:1", "key")
    assert str(refused.value) == f"{SHOWN}; {SHOWN}"
    assert capsys.readouterr().err == f"WARN input 'in': a: {SHOWN}\n"


def test_what_the_drop_down_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(given: Any, splunkd: Any, protect: Callable[..., None]) -> list[str]:
        protect(PASSWORD)
        raise RetriableError(TEXT)

    monkeypatch.setattr(choices, "_listed", listed)
    (choice,) = choices.offered({}, "https://127.0.0.1:1", "key")
    assert choice.label == f"Not listed: {SHOWN}; a name can be typed."


@pytest.mark.parametrize("typed", ["access_key_secret", "security_token", ""])
def test_what_the_account_page_says(home: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """Whether the secret is on the page or was read for the check."""

    def refuse(name: str, params: Any, uri: str, key: str, redactor: Redactor) -> None:
        redactor.protect("" if typed else PASSWORD)
        raise RefusedError(TEXT)

    monkeypatch.setattr(custom_hook_mixin, "check_credentials", refuse)
    params = {"access_key_id": "id", "access_key_secret": "other", "security_token": None}
    with pytest.raises(RestError) as refused:
        custom_hook_mixin._check_or_refuse(
            "account", "a", {**params, **({typed: PASSWORD} if typed else {})}, "k"
        )
    assert SHOWN in str(refused.value)


class _Page(BaseHTTPRequestHandler):
    """Something else that answers on splunkd's port."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html><br>Please sign in</html>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def no_splunkd() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    "ask",
    [lambda s: s.account("a"), lambda s: s.identity(), lambda s: s.proxy()],
    ids=["account", "id", "proxy"],
)
def test_an_answer_that_is_no_xml_is_trouble_that_may_heal(
    no_splunkd: str, ask: Callable[[Splunkd], Any]
) -> None:
    with pytest.raises(RetriableError, match="splunkd does not give the add-on's settings"):
        ask(Splunkd(no_splunkd, "key", Redactor()))
