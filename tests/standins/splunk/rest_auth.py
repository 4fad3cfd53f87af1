"""Login, the caller's own context, users and roles."""

from __future__ import annotations

import json

from . import conf_view
from .auth import ROLES, SYSTEM_USER, User
from .envelopes import Acl, Entry, Feed, Fields, Value, entity_path
from .errors import RestError, no_endpoint, no_object
from .instance import Instance
from .listing import paged
from .request import Reply, Request
from .router import Routes

_USERS, _ROLES = "authentication/users", "authorization/roles"
_PROFILE = {"realname": "", "email": "", "defaultApp": "launcher", "tz": ""}


class Authentication:
    """Public: ``auth/login``. The rest needs a session."""

    def __init__(self, instance: Instance) -> None:
        self._auth = instance.auth

    def public_routes(self) -> Routes:
        return {"auth/login": self.login}

    def routes(self) -> Routes:
        return {
            "authentication/current-context": self.context,
            "authentication/httpauth-tokens": self.tokens,
            "authorization/capabilities": self.capabilities,
            _USERS: self.users,
            _ROLES: self.roles,
        }

    def login(self, request: Request, rest: list[str]) -> Reply:
        """POST username and password; the answer carries the session key."""
        if request.method != "POST" or "password" not in request.args:
            raise RestError(400, "Login failed", kind="WARN")
        key = self._auth.login(request.arg("username"), request.arg("password"))
        if key is None:
            raise RestError(401, "Login failed", kind="WARN", code="incorrect_username_or_password")
        reply = Reply(200, f"<response>\n  <sessionKey>{key}</sessionKey>\n</response>\n")
        if request.wants_json:
            text = json.dumps({"sessionKey": key, "message": "", "code": ""})
            reply = Reply(200, text, "application/json; charset=UTF-8")
        if request.arg("cookie"):
            reply.headers.append(("Set-Cookie", session_cookie(request, key)))
        return reply

    def context(self, request: Request, rest: list[str]) -> Feed:
        """Who am I: username, roles, capabilities."""
        session = request.session
        content: dict[str, Value] = {
            **_PROFILE,
            **self._auth.users[session.user].settings,
            "username": session.user,
            "roles": list(session.roles),
            "capabilities": sorted(session.capabilities),
        }
        path = "/services/authentication/current-context"
        entry = Entry("context", f"{path}/context", content, Acl(owner="system"), verbs=("list",))
        return Feed("current-context", path, [entry])

    def tokens(self, request: Request, rest: list[str]) -> Feed:
        """The caller's own session keys are not listed, only counted as alive."""
        return Feed("httpauth-tokens", "/services/authentication/httpauth-tokens")

    def capabilities(self, request: Request, rest: list[str]) -> Feed:
        path = "/services/authorization/capabilities"
        every = sorted(set().union(*ROLES.values()))
        entry = Entry("capabilities", f"{path}/capabilities", {"capabilities": every}, verbs=("list",))
        return Feed("capabilities", path, [entry])

    # -- users

    def users(self, request: Request, rest: list[str]) -> Feed:
        if rest == ["_new"]:
            return self._users([Entry("_new", f"/services/{_USERS}/_new", fields=Fields(("name", "roles")))])
        if rest:
            return self._user(request, rest[0])
        if request.method == "POST":
            return self._create(request)
        shown = [self._entry(user) for name, user in self._auth.users.items() if name != SYSTEM_USER]
        return paged(self._users(shown), request)

    def _create(self, request: Request) -> Feed:
        conf_view.require(request, "edit_user")
        name, roles = request.arg("name").lower(), request.args.get("roles", [])
        if not name or not request.arg("password") or not roles:
            raise RestError(400, "The following required arguments are missing: roles.")
        if name in self._auth.users:
            raise RestError(400, f"User with name={name} already exists")
        user = self._auth.add_user(name, request.arg("password"), self._known(roles))
        self._profile(request, user)
        feed = self._users([self._entry(user)])
        feed.status = 201
        return feed

    def _user(self, request: Request, name: str) -> Feed:
        user = self._auth.users.get(name)
        if user is None or name == SYSTEM_USER:
            raise no_object(name)
        if request.method == "GET":
            entry = self._entry(user)
            entry.fields = Fields(optional=("password", "roles", *_PROFILE))
            return self._users([entry])
        conf_view.require(request, "edit_user")
        if request.method == "DELETE":
            del self._auth.users[name]
            return self._users([self._entry(user) for user in self._auth.users.values()])
        if request.arg("password"):
            user.set_password(request.arg("password"))
        if request.args.get("roles"):
            user.roles = tuple(self._known(request.args["roles"]))
        self._profile(request, user)
        return self._users([self._entry(user)])

    def _known(self, roles: list[str]) -> list[str]:
        for role in roles:
            if role not in ROLES:
                raise RestError(400, f"Role={role} is not grantable")
        return roles

    def _profile(self, request: Request, user: User) -> None:
        user.settings.update({key: request.arg(key) for key in _PROFILE if key in request.args})

    def _entry(self, user: User) -> Entry:
        content: dict[str, Value] = {
            **_PROFILE,
            **user.settings,
            "roles": list(user.roles),
            "capabilities": sorted(user.capabilities()),
            "type": "Splunk",
        }
        return Entry(user.name, entity_path("nobody", "system", _USERS, user.name), content)

    def _users(self, entries: list[Entry]) -> Feed:
        return Feed("users", f"/services/{_USERS}", entries, {"create": f"/services/{_USERS}/_new"})

    # -- roles

    def roles(self, request: Request, rest: list[str]) -> Feed:
        if request.method != "GET":
            raise no_endpoint()
        if rest == ["_new"]:
            return Feed(
                "roles", f"/services/{_ROLES}", [Entry("_new", f"/services/{_ROLES}/_new", fields=Fields())]
            )
        if rest and rest[0] not in ROLES:
            raise no_object(rest[0])
        names = rest[:1] or sorted(ROLES)
        entries = [
            Entry(name, entity_path("nobody", "system", _ROLES, name), {"capabilities": sorted(ROLES[name])})
            for name in names
        ]
        feed = Feed("roles", f"/services/{_ROLES}", entries, {"create": f"/services/{_ROLES}/_new"})
        if rest:
            feed.entries[0].fields = Fields()
            return feed
        return paged(feed, request)


def session_cookie(request: Request, key: str) -> str:
    """The cookie of a login; its name carries the management port (observed)."""
    port = request.headers.get("host", "").rpartition(":")[2] or "8089"
    return f"splunkd_{port}={key}; Path=/; Secure; HttpOnly; Max-Age=3600"
