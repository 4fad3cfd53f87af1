"""Access keys and what RAM lets them do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

from .errors import SlsError

Rule = Union[str, "dict[str, Any]"]


@dataclass(frozen=True)
class Statement:
    """Actions and resources, both as globs with * and ?."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)

    def covers(self, action: str, resource: str) -> bool:
        """True when both match; actions ignore case."""
        return any(glob(a.lower()).fullmatch(action.lower()) for a in self.actions) and any(
            glob(r).fullmatch(resource) for r in self.resources
        )


@lru_cache(maxsize=4096)
def glob(pattern: str) -> re.Pattern[str]:
    """A RAM glob as a regular expression."""
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern), re.DOTALL
    )


def statements(rules: Sequence[Rule] | None) -> tuple[Statement, ...] | None:
    """Rules as statements: a text is an action glob; a dict has Action and Resource as in a RAM policy."""
    if rules is None:
        return None
    return tuple(_statement(rule) for rule in rules)


def _statement(rule: Rule) -> Statement:
    if isinstance(rule, str):
        return Statement((rule,))
    lower = {key.lower(): value for key, value in rule.items()}
    return Statement(_texts(lower["action"]), _texts(lower.get("resource", "*")))


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True)
class AccessKey:
    """One AccessKey pair; `expires` in epoch seconds. `allow` None means everything (the account itself)."""

    id: str
    secret: str
    account: str
    security_token: str | None = None
    expires: float | None = None
    enabled: bool = True
    service_opened: bool = True
    allow: tuple[Statement, ...] | None = None
    deny: tuple[Statement, ...] = ()

    def may(self, action: str, resource: str) -> bool:
        """Deny beats allow."""
        if any(statement.covers(action, resource) for statement in self.deny):
            return False
        return self.allow is None or any(statement.covers(action, resource) for statement in self.allow)


def denied(key: AccessKey, action: str, resource: str, *, detail: bool) -> SlsError:
    """The answer to a call RAM does not allow; the detail's keys are inferred."""
    extra = {
        "AuthAction": action,
        "AuthPrincipalDisplayName": key.id,
        "AuthPrincipalOwnerId": key.account,
        "AuthPrincipalType": "AssumedRoleUser" if key.security_token else "SubUser",
        "NoPermissionType": "ImplicitDeny",
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "EncodedDiagnosticMessage": "stand-in",
    }
    text = f"denied by sts or ram, action: {action}, resource: {resource}"
    return SlsError(401, "Unauthorized", text, extra if detail else None)
