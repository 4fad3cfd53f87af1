from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from solnlib import log

from sls_ingest.logs import Redactor, open_log, set_level


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
    open_log("../../etc/x y", Redactor()).info("here")
    assert [path.name for path in folder.iterdir()] == ["ta_alibaba_sls_______etc_x_y.log"]
