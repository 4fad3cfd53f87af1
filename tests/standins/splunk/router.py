"""From a request to a reply: authentication, the endpoint with the longest matching path, the envelope."""

from __future__ import annotations

from typing import Callable, Union

from . import envelopes
from .auth import Auth
from .errors import RestError, no_endpoint
from .request import Reply, Request

#: Gets the request and the path parts behind the endpoint's own.
Endpoint = Callable[[Request, list[str]], Union[envelopes.Feed, Reply]]
Routes = dict[str, Endpoint]


class Router:
    """Knows every endpoint. ``fallback`` gets the requests that no static endpoint takes."""

    def __init__(self, auth: Auth, origin: Callable[[], str]) -> None:
        self._auth = auth
        self._origin = origin
        self._routes: dict[tuple[str, ...], Endpoint] = {}
        self.fallback: Callable[[Request], Endpoint | None] = lambda request: None
        self.public: set[tuple[str, ...]] = set()

    def add(self, routes: Routes, public: bool = False) -> None:
        """Register endpoints by path, for example ``{"storage/passwords": handler}``."""
        for path, endpoint in routes.items():
            key = tuple(path.split("/"))
            self._routes[key] = endpoint
            if public:
                self.public.add(key)

    def handle(self, request: Request) -> Reply:
        """The reply to a request; refusals become splunkd's message envelope."""
        try:
            endpoint, rest = self._find(request)
            if tuple(request.parts) not in self.public:
                request.session = self._auth.authenticate(request.headers)
            answer = endpoint(request, rest)
        except RestError as error:
            return error_reply(error, request.wants_json)
        return answer if isinstance(answer, Reply) else self.render(answer, request)

    def render(self, feed: envelopes.Feed, request: Request) -> Reply:
        if request.wants_json:
            text = envelopes.to_json(feed, self._origin())
            return Reply(feed.status, text, "application/json; charset=UTF-8")
        return Reply(feed.status, envelopes.to_atom(feed, self._origin()))

    def _find(self, request: Request) -> tuple[Endpoint, list[str]]:
        parts = request.parts
        for length in range(len(parts), 0, -1):
            endpoint = self._routes.get(tuple(parts[:length]))
            if endpoint is not None:
                return endpoint, parts[length:]
        dynamic = self.fallback(request)
        if dynamic is not None:
            return dynamic, parts[1:]
        if not parts:
            return self._root, []
        return _missing, []

    def _root(self, request: Request, rest: list[str]) -> envelopes.Feed:
        tops = sorted({key[0] for key in self._routes})
        entries = [envelopes.Entry(name, f"/services/{name}", verbs=("list",)) for name in tops]
        return envelopes.Feed("services", "/services", entries)


def _missing(request: Request, rest: list[str]) -> Reply:
    raise no_endpoint()


def error_reply(error: RestError, as_json: bool) -> Reply:
    """The message envelope of a refusal."""
    messages = [(error.kind, error.text)]
    headers = list(error.headers.items())
    if as_json:
        text = envelopes.messages_json(messages, error.code)
        return Reply(error.status, text, "application/json; charset=UTF-8", headers)
    return Reply(error.status, envelopes.messages_xml(messages), headers=headers)
