"""Runs an app's own REST handlers, unmodified, in a child process per request."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import conf_view
from .envelopes import Acl, Entry, Feed, entity_path
from .errors import RestError, missing_arguments, no_endpoint
from .instance import Instance
from .interpreters import InterpreterError
from .listing import paged
from .request import Request
from .restmap import Registration, registrations
from .router import Endpoint
from .runner import RESOLVER_DIR, kill_group

STUB_DIR = Path(__file__).parent / "splunk_stub"
_CREATE, _LIST, _EDIT, _REMOVE, _RELOAD = 1, 2, 4, 8, 32
_ACTION_NAMES = {_CREATE: "create", _LIST: "list", _EDIT: "edit", _REMOVE: "remove", _RELOAD: "_reload"}
#: Arguments that splunkd keeps for itself.
_OWN_ARGS = {"name", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f"}


class HandlerHost:
    """Finds the handler for a request and turns its result, or its failure, into splunkd's answer."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def endpoint(self, request: Request) -> Endpoint | None:
        """The endpoint of a registered handler, None when there is none for the path."""
        if not request.parts:
            return None
        registration = registrations(self._instance.conf).get(request.parts[0])
        if registration is None:
            return None
        return lambda inner, rest: self._handle(registration, inner, rest)

    def _handle(self, registration: Registration, request: Request, rest: list[str]) -> Feed:
        _authorize(registration, request)
        action, name = _action(request, rest)
        if _ACTION_NAMES[action] not in registration.actions and action != _RELOAD:
            raise RestError(405, "Method Not Allowed")
        if action == _CREATE and not name:
            raise missing_arguments(["name"])
        answer = self._run(registration, _call(self._instance, request, action, name))
        feed = self._feed(registration, request, answer)
        feed.status = 201 if action == _CREATE else 200
        return paged(feed, request) if action == _LIST and not name else feed

    # -- the child

    def _run(self, registration: Registration, call: dict[str, Any]) -> dict[str, Any]:
        with tempfile.TemporaryFile() as answers:
            try:
                child = self._spawn(registration, answers.fileno())
            except (OSError, InterpreterError) as error:
                raise RestError(500, f"Unable to start the handler: {error}") from error
            _, stderr = self._converse(child, json.dumps(call).encode())
            answers.seek(0)
            text = answers.read()
        self._log(registration, stderr)
        if not text:
            reason = f"External handler failed with code '{child.returncode}' and output: ''."
            raise RestError(500, f"{reason}  See splunkd.log for stderr output.")
        return dict(json.loads(text))

    def _spawn(self, registration: Registration, writer: int) -> subprocess.Popen[bytes]:
        runner = self._instance.runner
        python = runner.interpreters.for_run(registration.settings)
        path = os.pathsep.join([str(STUB_DIR), *([str(RESOLVER_DIR)] if runner.resolve else [])])
        env = {
            "PYTHONPATH": path,
            "SPLUNKD_URI": self._instance.mgmt_url(),
            "SPLUNK_STANDIN_ANSWER_FD": str(writer),
        }
        return subprocess.Popen(
            runner.argv(registration.script, "execute", python=python),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=runner.env(env),
            pass_fds=(writer,),
            start_new_session=True,
        )

    def _converse(self, child: subprocess.Popen[bytes], call: bytes) -> tuple[bytes, bytes]:
        try:
            return child.communicate(call, self._instance.knobs.handler_timeout)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
        with suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=2)
        return b"", b"killed at the time limit"

    def _log(self, registration: Registration, stderr: bytes) -> None:
        for line in stderr.decode("utf-8", "backslashreplace").splitlines():
            text = f"stderr from '{registration.script}':  {line}"
            self._instance.log.write("ERROR", "AdminManagerExternal", text)

    # -- the answer

    def _feed(self, registration: Registration, request: Request, answer: dict[str, Any]) -> Feed:
        if "status" in answer:
            raise RestError(answer["status"], answer["text"])
        if "error_class" in answer:
            # The wording is what callers of the real one match with a pattern (observed).
            raise RestError(
                500,
                f'Unexpected error "{answer["error_class"]}" from python handler: "{answer["text"]}". '
                "See splunkd.log/python.log for more details.",
            )
        entries = [self._entry(registration, item) for item in answer["entries"]]
        app = registration.app if request.app in (None, conf_view.WILDCARD) else request.context_app
        path = entity_path(request.owner or "nobody", app, registration.name)
        links = {"create": f"{path}/_new", "_reload": f"{path}/_reload"}
        messages = [(kind, text) for kind, text in answer["messages"]]
        return Feed(registration.name, path, entries, links, messages=messages)

    def _entry(self, registration: Registration, item: dict[str, Any]) -> Entry:
        meta = item["meta"]
        acl = _acl(registration, meta.get("eai:acl") or {})
        content = {**item["content"], "eai:appName": str(meta.get("eai:appName") or acl.app)}
        content["eai:userName"] = str(meta.get("eai:userName") or acl.owner)
        if "disabled" in content:
            content["disabled"] = str(content["disabled"]).lower() in ("1", "true")
        return Entry(
            item["name"], entity_path("nobody", acl.app, registration.name, item["name"]), content, acl
        )


def _acl(registration: Registration, given: dict[str, Any]) -> Acl:
    perms = given.get("perms") or {}
    return Acl(
        app=str(given.get("app") or registration.app),
        owner=str(given.get("owner") or "nobody"),
        sharing=str(given.get("sharing") or "global"),
        read=tuple(perms.get("read") or ("*",)),
        write=tuple(perms.get("write") or ("admin",)),
        removable=str(given.get("removable", "1")).lower() in ("1", "true"),
    )


def _authorize(registration: Registration, request: Request) -> None:
    for key in ("capability", f"capability.{request.method.lower()}"):
        if registration.capabilities.get(key):
            conf_view.require(request, registration.capabilities[key])


def _action(request: Request, rest: list[str]) -> tuple[int, str | None]:
    if rest == ["_reload"]:
        return _RELOAD, None
    if len(rest) > 1:
        raise no_endpoint()
    name = rest[0] if rest else None
    if request.method == "GET":
        return _LIST, name
    if request.method == "DELETE":
        if name is None:
            raise RestError(400, 'Cannot perform action "DELETE" without a target name to act on.')
        return _REMOVE, name
    return (_EDIT, name) if name is not None else (_CREATE, request.arg("name") or None)


def _call(instance: Instance, request: Request, action: int, name: str | None) -> dict[str, Any]:
    return {
        "action": action,
        "id": name,
        "args": {key: values for key, values in request.args.items() if key not in _OWN_ARGS},
        "session_key": request.session.key or instance.auth.new_key(request.session.user),
        "user": request.session.user,
        "app": request.context_app,
    }
