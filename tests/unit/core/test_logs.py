from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pytest
from solnlib import log

from sls_ingest.logs import Redactor, open_input_log, open_log, set_level
from sls_ingest.outage import of_kind


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    logs = tmp_path / "var" / "log" / "splunk"
    logs.mkdir(parents=True)
    yield logs
    for logger in list(log.Logs()._loggers.values()):
        for handler in list(logger.handlers):
            handler.close()
            logger.removeHandler(handler)
    logging.getLogger("aliyun").handlers = []


def test_no_known_secret_reaches_file_or_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redactor = Redactor()
    logger = open_log("secrets", redactor)
    redactor.protect("s3cr3t", "")
    logger.error("key %s", "s3cr3t")
    logging.getLogger("aliyun.log").critical("library says s3cr3t")
    text = (folder / "ta_alibaba_sls_secrets.log").read_text() + capsys.readouterr().err
    assert "s3cr3t" not in text
    assert text.count("******") == 4


def test_a_secret_is_not_shown_as_a_url_or_a_form_has_it() -> None:
    redactor = Redactor()
    redactor.protect("S3cr@t!/x y")
    redactor.protect_passing("to+ken/=")
    for text in ("S3cr@t!/x y", "S3cr%40t%21%2Fx%20y", "S3cr%40t%21/x%20y", "S3cr%40t%21%2Fx+y"):
        assert redactor.blank(f"http://me:{text}@proxy:1:2") == "http://me:******@proxy:1:2"
    assert redactor.blank("to+ken/= to%2Bken%2F%3D") == "****** ******"


def test_a_secret_is_blanked_without_the_blanks_that_it_is_stored_with() -> None:
    redactor = Redactor()
    redactor.protect(" s3cr3t\n")
    assert redactor.blank("signed with s3cr3t") == "signed with ******"


def test_no_end_of_a_longer_secret_is_left() -> None:
    redactor = Redactor()
    redactor.protect("s3cr3t", "s3cr3t-and-more")
    assert redactor.blank("s3cr3t-and-more") == "******"


def test_passing_secrets_are_blanked_too_and_the_oldest_are_forgotten(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redactor = Redactor()
    logger = open_log("passing", redactor)
    redactor.protect("for-good")
    for number in range(100):
        redactor.protect_passing(f"secret-{number:03}", f"token-{number:03}", "")
    logger.error("for-good secret-099 token-099 secret-070 secret-000")
    assert capsys.readouterr().err == "ERROR ****** ****** ****** ****** secret-000\n"


def test_half_a_secret_is_not_left_where_a_line_is_cut(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redactor = Redactor()
    redactor.protect("s3cr3t")
    open_log("cut", redactor).error("%s s3cr3t", "x" * 1995)
    assert "s3c" not in capsys.readouterr().err


def test_one_thread_may_log_while_another_adds_secrets() -> None:
    redactor = Redactor()
    record = logging.LogRecord("n", logging.INFO, "f", 1, "text", None, None)
    for secrets in (redactor.protect, redactor.protect_passing):
        adding = threading.Thread(target=lambda add=secrets: [add(f"{n}") for n in range(2000)])
        adding.start()
        while adding.is_alive():
            assert redactor.filter(record)
        adding.join()


def test_warnings_go_to_splunkd_with_its_level_names_on_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = open_log("levels", Redactor())
    logger.info("quiet")
    logger.warning("two\nlines")
    logger.critical("end")
    assert capsys.readouterr().err == "WARN two lines\nFATAL end\n"


LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} log_level=(\w+) pid=\d+ tid=MainThread "
    r'file=test_logs:\d+ stanza="([^"]*)" \| (.*)'
)


def test_a_line_of_the_file_says_whose_it_is_and_which_kind_of_trouble_it_tells(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = open_log("form", Redactor())
    logger.error("no name", extra=of_kind('network: "dns"'))
    logger.info("fine")
    lines = (folder / "ta_alibaba_sls_form.log").read_text().splitlines()
    found = [match.groups() for match in map(LINE.fullmatch, lines) if match]
    assert found == [
        ("ERROR", "form", "no name exc_l=\"network: 'dns'\""),
        ("INFO", "form", "fine"),
    ]
    assert capsys.readouterr().err == "ERROR no name\n"


def test_a_stanza_written_by_hand_breaks_no_line(folder: Path) -> None:
    open_log("validation", Redactor(), '100%s {x} "a\\"\n| b').info("here")
    (line,) = (folder / "ta_alibaba_sls_validation.log").read_text().splitlines()
    match = LINE.fullmatch(line)
    assert match
    assert match.groups() == ("INFO", "100%s {x} 'a/' | b", "here")


def test_no_secret_is_in_a_kind_of_trouble(folder: Path) -> None:
    redactor = Redactor()
    redactor.protect("s3cr3t")
    open_log("kind", redactor).error("x", extra=of_kind("key s3cr3t"))
    assert "s3cr3t" not in (folder / "ta_alibaba_sls_kind.log").read_text()


def test_tracebacks_and_long_texts_are_cut(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = open_log("long", Redactor())
    try:
        raise ValueError("body of an event")
    except ValueError:
        logger.exception("x" * 10_000)
    err = capsys.readouterr().err
    assert "body of an event" not in err
    assert len(err) < 2100


def test_the_sdk_speaks_only_at_debug(folder: Path) -> None:
    logger = open_log("sdk", Redactor())
    sdk = logging.getLogger("aliyun.log.consumer.worker")
    sdk.warning("one")
    set_level(logger, "DEBUG")
    sdk.warning("two")
    text = (folder / "ta_alibaba_sls_sdk.log").read_text()
    assert "one" not in text
    assert "two" in text


def test_an_odd_stanza_name_stays_inside_the_log_folder(folder: Path) -> None:
    open_input_log("../../etc/x y", Redactor()).info("here")
    assert [path.name for path in folder.iterdir()] == ["ta_alibaba_sls_______etc_x_y_148662b1.log"]


def test_no_two_inputs_write_to_one_file(folder: Path) -> None:
    names = ["central", "a b", "a_b", "审计", "日志", "validation", "doctor", "\udce5"]
    for name in names:
        open_input_log(name, Redactor()).info("here")
    for name in ("validation", "doctor"):
        open_log(name, Redactor()).info("here")
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in folder.iterdir()}
    assert set(lines.values()) == {1}
    assert len(lines) == len(names) + 2
    assert {"ta_alibaba_sls_central.log", "ta_alibaba_sls_a_b.log"} < set(lines)


def test_the_file_is_utf_8_wherever_the_system_would_write_a_code_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_on_windows(file: str, mode: str, encoding: str | None = None, **more: Any) -> Any:
        encoding = "cp1252" if encoding in (None, "locale") else encoding
        return open(file, mode, encoding=encoding, **more)  # noqa: PTH123

    monkeypatch.setattr(logging, "open", as_on_windows, raising=False)
    logger = open_log("code", Redactor(), "审计")
    logger.info("one \udce5")
    (handler,) = (each for each in logger.handlers if isinstance(each, RotatingFileHandler))
    handler.doRollover()
    logger.info("two")
    for name, text in [("code.log.1", "one \\udce5"), ("code.log", "two")]:
        line = (folder / f"ta_alibaba_sls_{name}").read_bytes().decode("utf-8")
        assert line.endswith(f'stanza="审计" | {text}\n')
