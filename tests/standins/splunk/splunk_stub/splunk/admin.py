"""The base class of admin_external handlers, and the round trip that runs one of them."""

from __future__ import annotations

import traceback
from typing import Any

from . import _standin

ACTION_CREATE, ACTION_LIST, ACTION_EDIT, ACTION_REMOVE, ACTION_MEMBERS, ACTION_RELOAD = 1, 2, 4, 8, 16, 32
CONTEXT_NONE, CONTEXT_APP_ONLY, CONTEXT_APP_AND_USER = 1, 2, 3
MODE_SETUP, MODE_EXECUTE = "setup", "execute"
EAI_ENTRY_ACL = "eai:acl"
EAI_META_PREFIX = "eai:"
EAI_ENTRY_ATTRIBUTES = "eai:attributes"


class AdminManagerException(Exception):  # noqa: N818 - the real name
    """What splunkd recognises: answered with a status of its own and the bare text."""

    status = 500


class AlreadyExistsException(AdminManagerException):
    status = 409


class NotFoundException(AdminManagerException):
    status = 404


class ArgValidationException(AdminManagerException):
    status = 400


class BadActionException(AdminManagerException):
    status = 400


class BadProgrammerException(AdminManagerException):
    status = 500


class HandlerSetupException(AdminManagerException):
    status = 500


class InternalException(AdminManagerException):
    status = 500


class UsageException(AdminManagerException):
    status = 400


class ServiceUnavailableException(AdminManagerException):
    status = 503


class ConfigItem(dict):  # type: ignore[type-arg]
    """Settings of one entity, and metadata beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.metadata: dict[str, Any] = {}
        self.actions: Any = None

    def setMetadata(self, key: str, value: Any) -> None:  # noqa: N802 - the real name
        self.metadata[key] = value


class ConfigInfo(dict):  # type: ignore[type-arg]
    """Entities by name; a new name makes a new item."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str, str]] = []

    def __missing__(self, name: str) -> ConfigItem:
        item = ConfigItem()
        self[name] = item
        return item

    def addInfoMsg(self, text: str) -> None:  # noqa: N802 - the real name
        self.messages.append(("INFO", text))

    def addWarnMsg(self, text: str) -> None:  # noqa: N802 - the real name
        self.messages.append(("WARN", text))

    def addErrorMsg(self, text: str) -> None:  # noqa: N802 - the real name
        self.messages.append(("ERROR", text))


class CallerArgs:
    """``id`` is the entity's name, ``data`` maps an argument to the list of its values."""

    def __init__(self, name: str | None, data: dict[str, list[str]]) -> None:
        self.id = name
        self.data = data

    def __getitem__(self, key: str) -> list[str]:
        return self.data[key]

    def __contains__(self, key: str) -> bool:
        return key in self.data


class SupportedArgs:
    """Arguments that a handler declares in setup()."""

    def __init__(self) -> None:
        self.required: list[str] = []
        self.optional: list[str] = []
        self.wildcards: list[str] = []

    def addReqArg(self, name: str) -> None:  # noqa: N802 - the real name
        self.required.append(name)

    def addOptArg(self, name: str) -> None:  # noqa: N802 - the real name
        (self.wildcards if name == "*" else self.optional).append(name)


class MConfigHandler:
    """Base class of handlers; the names are those that splunkd's own class has."""

    def __init__(self, scriptMode: str, ctxInfo: int, request: dict[str, Any]) -> None:  # noqa: N803
        self.mode = scriptMode
        self.context = ctxInfo
        self.requestedAction = request["action"]
        self.customAction = request.get("custom_action") or ""
        self.callerArgs = CallerArgs(request.get("id"), request.get("args") or {})
        self.supportedArgs = SupportedArgs()
        self.userName = request.get("user") or "nobody"
        self.appName = request.get("app") or "-"
        self.shouldAutoList = True
        self._session_key = request["session_key"]

    def getSessionKey(self) -> str:  # noqa: N802 - the real name
        return str(self._session_key)

    def setup(self) -> None:
        """Overridden to declare arguments."""

    def handleCreate(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803 - the real names
        raise BadActionException("This handler does not support the create action.")

    def handleList(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803
        raise BadActionException("This handler does not support the list action.")

    def handleEdit(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803
        raise BadActionException("This handler does not support the edit action.")

    def handleRemove(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803
        raise BadActionException("This handler does not support the remove action.")

    def handleReload(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803
        """Nothing to do unless overridden."""

    def handleCustom(self, confInfo: ConfigInfo) -> None:  # noqa: N802, N803
        raise BadActionException(f"Invalid custom action: {self.customAction}")


_METHODS = {
    ACTION_CREATE: "handleCreate",
    ACTION_LIST: "handleList",
    ACTION_EDIT: "handleEdit",
    ACTION_REMOVE: "handleRemove",
    ACTION_RELOAD: "handleReload",
}


def init(handler: type[MConfigHandler], ctxInfo: int = CONTEXT_NONE) -> None:  # noqa: N803 - the real name
    """Run the one request of this process: setup, argument check, then the action."""
    request = _standin.call()
    try:
        info = _run(handler, ctxInfo, request)
    except AdminManagerException as error:
        _standin.answer({"status": error.status, "text": str(error)})
    except Exception as error:  # noqa: BLE001 - a process's edge: splunkd gets every exception as text
        traceback.print_exc()
        _standin.answer({"error_class": str(type(error)), "text": str(error)})
    else:
        _standin.answer(
            {"entries": [_shown(name, item) for name, item in info.items()], "messages": info.messages}
        )


def _run(handler: type[MConfigHandler], context: int, request: dict[str, Any]) -> ConfigInfo:
    setup = handler(MODE_SETUP, context, request)
    setup.setup()
    _check(setup.supportedArgs, request)
    running = handler(MODE_EXECUTE, context, request)
    info = ConfigInfo()
    getattr(running, "handleCustom" if running.customAction else _METHODS[request["action"]])(info)
    return info


def _check(supported: SupportedArgs, request: dict[str, Any]) -> None:
    given = request.get("args") or {}
    missing = [name for name in supported.required if name not in given]
    if missing:
        raise ArgValidationException(f"The following required arguments are missing: {', '.join(missing)}.")
    known = {*supported.required, *supported.optional}
    for name in given:
        if name not in known and not supported.wildcards:
            raise ArgValidationException(f'Argument "{name}" is not supported by this handler.')


def _shown(name: str, item: ConfigItem) -> dict[str, Any]:
    return {
        "name": name,
        "content": {key: _text(value) for key, value in item.items()},
        "meta": item.metadata,
    }


def _text(value: Any) -> Any:
    """Settings travel as text between a handler and splunkd; lists stay lists."""
    if isinstance(value, (list, tuple)):
        return [_text(entry) for entry in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)
