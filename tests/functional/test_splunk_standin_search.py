"""Searches of the Splunk stand-in over its log files: fields, macros, time range, and what fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.standins.splunk import SplunkServer

APP = "looking"
JOBS = f"/servicesNS/nobody/{APP}/search/jobs"
CONF = {
    "app.conf": "[ui]\nlabel = Looking\n",
    "macros.conf": "[own]\ndefinition = index=_internal sourcetype=own:log\n",
    "props.conf": (
        "[source::...own*.log]\nsourcetype = own:log\n\n"
        "[own:log]\nTIME_FORMAT = %Y-%m-%d %H:%M:%S,%3N\nMAX_TIMESTAMP_LOOKAHEAD = 23\nKV_MODE = auto\n"
        "LOOKUP-colour = colours name OUTPUT colour\n"
    ),
    "transforms.conf": "[colours]\nfilename = colours.csv\nmax_matches = 1\n",
}


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkServer]:
    folder = tmp_path_factory.mktemp("search")
    app = folder / APP
    for name in ("default", "lookups", "metadata"):
        (app / name).mkdir(parents=True)
    for name, text in CONF.items():
        (app / "default" / name).write_text(text)
    (app / "metadata" / "default.meta").write_text("[]\nexport = system\n")
    (app / "lookups" / "colours.csv").write_text("name,colour\na,red\n")
    with SplunkServer(folder / "home", server_name="hf7") as server:
        server.install_dir(app)
        now = datetime.now()
        lines = [(now - timedelta(minutes=90), "a", 5), (now, "a", 2), (now, "b", 1)]
        text = "".join(
            f"{when:%Y-%m-%d %H:%M:%S},{when.microsecond // 1000:03d} name={name} n={n}\n"
            for when, name, n in lines
        )
        (server.splunkd_log.parent / "own.log").write_text(text)
        yield server


def ask(splunk: SplunkServer, search: str, **over: str) -> Any:
    return splunk.rest("POST", JOBS, data={"search": search, "exec_mode": "oneshot", **over})


def test_fields_macros_lookups_and_the_time_range(splunk: SplunkServer) -> None:
    search = "search `own` name=a | stats sum(n) AS n BY colour host"
    assert ask(splunk, search).json["results"] == [{"colour": "red", "host": "hf7", "n": "7"}]
    assert ask(splunk, search, earliest_time="-1h").json["results"][0]["n"] == "2"
    assert ask(splunk, search, earliest_time="-2h", latest_time="-1h").json["results"][0]["n"] == "5"


def test_splunkds_own_log_is_there_too(splunk: SplunkServer) -> None:
    with splunk.splunkd_log.open("a") as log:
        log.write("01-02-2026 03:04:05.678 +0200 INFO  Loader [1 main] - up\n")
    (found,) = ask(splunk, "search index=_internal sourcetype=splunkd | head 1").json["results"]
    assert found["_time"] == "2026-01-02T01:04:05.678+00:00"


def test_columns_keep_their_order_where_a_row_has_no_value(splunk: SplunkServer) -> None:
    search = "search `own` | sort name, -n | table colour name n"
    reply = splunk.rest(
        "POST", JOBS, data={"search": search, "exec_mode": "oneshot", "output_mode": "json_cols"}
    )
    assert [field["name"] for field in reply.json["fields"]] == ["colour", "name", "n"]
    assert reply.json["columns"] == [["red", "red", None], ["a", "a", "b"], ["5", "2", "1"]]


def test_a_page_goes_on_with_the_rows_of_a_job(splunk: SplunkServer) -> None:
    sid = splunk.rest("POST", JOBS, data={"search": "search `own` | stats count BY name"}).json["sid"]
    reply = splunk.rest("GET", f"{JOBS}/{sid}/results", params={"search": "| where count > 1"}, expect=200)
    assert reply.json["results"] == [{"name": "a", "count": "2"}]


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("search `missing`", "the search macro 'missing' cannot be found"),
        ("search `own` | transpose", "unknown search command 'transpose'"),
        ("search `own` | eval x=n/3", "how many digits Splunk prints is not sure"),
        ("search index=main | transpose", "Unknown search command 'transpose'"),
        ("search `own` bare", "bare word"),
    ],
)
def test_what_is_not_understood_fails_instead_of_finding_nothing(
    splunk: SplunkServer, search: str, text: str
) -> None:
    reply = ask(splunk, search)
    (message,) = reply.json["messages"]
    assert (reply.status, message["type"]) == (400, "FATAL")
    assert text in message["text"]


def test_only_the_searches_of_uccs_own_tabs_are_let_off(splunk: SplunkServer) -> None:
    usage = (
        "search index=_internal source=*license_usage.log type=Usage (st IN (a)) | timechart sum(b) as Usage"
    )
    assert ask(splunk, f"{usage} | rename Usage as x").json["results"] == []
    assert ask(splunk, "| makeresults | addinfo | eval x=1").status == 400
