"""Can this input consume, can this account sign in? One list of checks for all who ask.

Who asks: --validate-arguments (app.py), a page that saves an account (account_checks.py alone), and the
doctor. Each check is one result: ok, a warning, failed, or skipped because one that it needs has failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from .account_checks import Site
from .checklist import LIMIT, in_time
from .input_checks import InputChecks
from .verdict import Result


def check_input(
    stanza: str,
    params: Mapping[str, str],
    site: Site,
    protect: Callable[..., None],
    limit: float = LIMIT,
) -> list[Result]:
    """All checks of an input, within `limit` seconds.

    `protect` is told the secrets that must not get into a log.
    """
    checks = InputChecks(stanza, params, site, protect)
    return in_time(checks.all(), limit, checks.close)
