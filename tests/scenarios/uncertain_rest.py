"""What Splunk's management port answers: what the stand-in assumes, asserted."""

from __future__ import annotations

import json
from typing import Any

from tests.addon import message_of
from tests.scenarios.probe import APP, INPUTS, ProbeStage, same, uncertain


@uncertain("10")
def what_a_refused_input_is_answered_with(stage: ProbeStage) -> None:
    """Status and words of what is refused: by the script's own validation, for a missing or an unknown
    setting, for a name that is taken, for one that is not there.
    """
    name = stage.start("report")
    refused = stage.create(f"{stage.name}_no", does="nothing", index=stage.name)
    same("status of a failed validation", refused.status, 400)
    told = "does: this probe cannot do that <at all>" in message_of(refused)
    same(f"the script's words are in {message_of(refused)!r}", told, True)
    for label, reply, status, words in (
        (
            "missing",
            stage.create(f"{stage.name}_m"),
            400,
            "The following required arguments are missing: does.",
        ),
        (
            "unknown",
            stage.create(f"{stage.name}_u", does="report", nosuch="1"),
            400,
            'Argument "nosuch" is not supported by this handler.',
        ),
        ("taken", stage.create(name, does="report"), 409, f"name={name} already exists"),
        (
            "absent",
            stage.site.rest("GET", f"{INPUTS}/probe/nosuch"),
            404,
            "Could not find object id=nosuch",
        ),
    ):
        same(f"status: {label}", reply.status, status)
        same(f"{words!r} is in {message_of(reply)!r}: {label}", words in message_of(reply), True)


@uncertain("20")
def how_empty_values_and_deletions_are_shown(stage: ProbeStage) -> None:
    """An empty setting is an empty text in JSON, a password without a realm has none, and deleting one of two
    inputs or passwords is answered with what the stand-in answers.
    """
    site = stage.site
    one = stage.start("report", "one", words="")
    two = stage.start("report", "two")
    entry = site.rest("GET", f"{INPUTS}/probe/{one}", expect=200).json["entry"][0]
    same("an empty setting in JSON", entry["content"].get("words"), "")
    reply = site.rest("DELETE", f"{INPUTS}/probe/{two}", expect=200)
    stage.inputs.remove(("probe", two))
    left = names(reply.json)
    same("the deleted input is among the answer's entries", two in left, False)
    same("the one that is left is", one in left, True)
    passwords = f"/servicesNS/nobody/{APP}/storage/passwords"
    site.rest("POST", passwords, data={"name": f"{stage.name}user", "password": "not a secret"}, expect=201)
    entry = site.rest("GET", f"{passwords}/:{stage.name}user:", expect=200).json["entry"][0]
    same("the realm of a password that has none", entry["content"].get("realm") or None, None)
    gone = site.rest("DELETE", f"{passwords}/:{stage.name}user:", expect=200)
    same("entries after a deleted password", names(gone.json), [])


def names(answer: Any) -> list[str]:
    return [str(entry["name"]) for entry in (answer or {}).get("entry", [])]


@uncertain("18")
def what_a_rest_handler_is_handed(stage: ProbeStage) -> None:
    """A Python handler behind restmap.conf gets the arguments as lists, the name as its id, app, user and a
    session key.
    """
    path = f"/servicesNS/nobody/{APP}/ta_probe_calls"
    site = stage.site
    created = site.rest("POST", path, data={"name": "a b", "text": "é <&>", "empty": ""})
    same(f"status of a creation: {message_of(created)}", created.status in (200, 201), True)
    told = json.loads(created.json["entry"][0]["content"]["json"])
    same(
        "created",
        {k: told[k] for k in ("id", "data")},
        {"id": "a b", "data": {"text": ["é <&>"], "empty": [""]}},
    )
    listed = json.loads(site.rest("GET", path, expect=200).json["entry"][0]["content"]["json"])
    same("app", listed["app"], APP)
    same("user", listed["user"], "admin")
    same("a session key", listed["has key"], True)
    same("action", (told["requested"], listed["requested"]), (1, 2))
