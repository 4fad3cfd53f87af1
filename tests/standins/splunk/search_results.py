"""How the rows of a finished search are written: XML, CSV, JSON by rows and JSON by columns."""

from __future__ import annotations

import json
from typing import Any

from .envelopes import value_xml
from .request import Reply, Request

Row = dict[str, Any]
JSON = "application/json; charset=UTF-8"


def results(request: Request, rows: list[Row], stream: bool = False) -> Reply:
    """One page of the rows in the mode that was asked for; a value is a text, or a list of several.

    None gives a column its place, and no value.
    """
    # An export is not cut into pages (documented); the results of a job come by the hundred, all with 0.
    offset, count = int(request.arg("offset") or 0), int(request.arg("count") or (0 if stream else 100))
    shown = rows[offset : offset + count] if count > 0 else rows[offset:]
    names = list(dict.fromkeys(name for row in shown for name in row))
    shown = [{name: value for name, value in row.items() if value is not None} for row in shown]
    mode = request.arg("output_mode", "xml")
    if mode == "csv":
        lines = [",".join(names), *(",".join(_quoted(row.get(name, "")) for name in names) for row in shown)]
        return Reply(200, "\n".join(lines) + "\n", "text/csv; charset=UTF-8")
    if mode.startswith("json"):
        return Reply(200, _lines(shown) if stream else _json(mode, names, shown, offset), JSON)
    return Reply(200, _xml(names, shown))


def _lines(rows: list[Row]) -> str:
    return "".join(
        json.dumps({"preview": False, "offset": n, "result": row}) + "\n" for n, row in enumerate(rows)
    )


def _json(mode: str, names: list[str], rows: list[Row], offset: int) -> str:
    body: Row = {
        "preview": False,
        "init_offset": offset,
        "messages": [],
        "fields": [{"name": name} for name in names],
        "highlighted": {},
    }
    if mode == "json_cols":
        body["columns"] = [[row.get(name) for row in rows] for name in names]
    else:
        body["results"] = rows
    return json.dumps(body)


def _xml(names: list[str], rows: list[Row]) -> str:
    order = "".join(f"<field>{value_xml(name)}</field>" for name in names)
    body = "".join(
        f"<result offset='{number}'>"
        + "".join(f"<field k='{value_xml(name)}'>{_values(value)}</field>" for name, value in row.items())
        + "</result>\n"
        for number, row in enumerate(rows)
    )
    meta = f"<meta>\n<fieldOrder>\n{order}\n</fieldOrder>\n</meta>\n"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<results preview='0'>\n{meta}{body}</results>\n"


def _values(value: Any) -> str:
    values = value if isinstance(value, (list, tuple)) else [value]
    return "".join(f"<value><text>{value_xml(one)}</text></value>" for one in values)


def _quoted(value: Any) -> str:
    text = "\n".join(value) if isinstance(value, (list, tuple)) else str(value)
    return '"' + text.replace('"', '""') + '"'
