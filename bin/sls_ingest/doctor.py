"""The doctor: all checks of an input or an account, for a person at a terminal; and --rewind.

It runs outside of splunkd, so it signs in itself: with a user and a password that it asks for, or with a
session key that comes in on standard input. Neither is ever an argument or an environment variable, which
others on the machine could see.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from typing import Any, TextIO
from urllib.parse import urlsplit

from .account_checks import check_account
from .connection import AccountSettings
from .doctor_options import INPUT_OPTIONS, options_of
from .doctor_rewind import rewind_group
from .errors import ConfigError, RetriableError
from .logs import Redactor
from .outcomes import DENIED
from .policy import assume_role_policy, ram_policy
from .preflight import check_input
from .report import Report, as_json, as_text
from .settings import InputSettings, parse_input
from .splunkd import Splunkd, sign_in
from .verdict import Result, blanked

COULD_NOT_RUN = 2  # argparse's exit code, too
_CONNECT_SECONDS = 5.0
_WIDEST = 160  # columns; longer lines are hard to read


def main(argv: Sequence[str], stdin: TextIO = sys.stdin, stdout: TextIO = sys.stdout) -> int:
    """Run the checks that `argv` asks for and print them, or move checkpoints.

    Returns:
        0 when nothing failed, 1 when a check did or a checkpoint was not moved, 2 when none could be tried.
    """
    options = options_of(argv)
    redactor = Redactor()
    logging.getLogger().addHandler(logging.NullHandler())  # libraries would print tracebacks
    _keep_splunkd_off_the_proxy(options.splunkd)
    try:
        splunkd = Splunkd(options.splunkd, _session_key(options, stdin), redactor)
        if options.rewind:
            return rewind_group(options, splunkd, redactor, stdin, stdout)
        report = _examine(options, splunkd, redactor)
    except (ConfigError, RetriableError) as error:
        sys.stderr.write(f"{redactor.blank(str(error))}\n")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return COULD_NOT_RUN
    # In case an answer from somewhere holds a secret.
    report = report._replace(results=blanked(report.results, redactor.blank))
    stdout.write(as_json(report) if options.json else as_text(report, _columns()))
    return report.exit_code


# -- who asks


def _session_key(options: argparse.Namespace, stdin: TextIO) -> str:
    """
    Raises:
        RetriableError: nobody is there to ask, or splunkd does not let them in.
    """
    _must_be_there(options.splunkd)
    if options.session_key_stdin:
        return stdin.readline().strip()
    if not stdin.isatty():
        raise RetriableError("nobody can be asked for a password here; use --session-key-stdin")
    sys.stderr.write(f"Splunk user for {options.splunkd}: ")
    sys.stderr.flush()
    username = stdin.readline().strip()
    return sign_in(options.splunkd, username, getpass.getpass("Password: "))


def _must_be_there(splunkd: str) -> None:
    """Splunk's libraries would try again and again for ten seconds.

    Raises:
        RetriableError: there is no splunkd.
    """
    url = urlsplit(splunkd)
    try:
        socket.create_connection((str(url.hostname), int(url.port or 0)), _CONNECT_SECONDS).close()
    except OSError as error:
        raise RetriableError(f"no answer from splunkd at {splunkd} ({error}); is it running?") from error


def _keep_splunkd_off_the_proxy(splunkd: str) -> None:
    """A person's shell may name a proxy; splunkd's environment has none for splunkd itself."""
    hosts = [os.environ.get("no_proxy", os.environ.get("NO_PROXY", "")), str(urlsplit(splunkd).hostname)]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(filter(None, hosts))


# -- what is found


def _examine(options: argparse.Namespace, splunkd: Splunkd, redactor: Redactor) -> Report:
    """Raises ConfigError, RetriableError: there is nothing to check."""
    splunkd.identity()  # whether it lets us in
    given = {name: getattr(options, name) for name in INPUT_OPTIONS if getattr(options, name)}
    if options.stanza:
        return _of_input(options.stanza, splunkd.input(options.stanza), splunkd, redactor)
    if not given:
        return _of_account(options.account, splunkd, redactor)
    if len(given) < len(INPUT_OPTIONS):
        # Another group than the input's may be denied, and would be named in the policy that is printed.
        options.refuse("give --endpoint, --project, --logstore and --consumer-group together")
    return _of_input("doctor", {**given, "account": options.account}, splunkd, redactor)


def _of_account(name: str, splunkd: Splunkd, redactor: Redactor) -> Report:
    results = check_account(lambda: splunkd.account(name), splunkd, redactor.protect)
    return Report(f"account '{name}'", results, _assumption(name, results, splunkd))


def _of_input(stanza: str, params: dict[str, str], splunkd: Splunkd, redactor: Redactor) -> Report:
    results = check_input(stanza, params, splunkd, redactor.protect)
    account = params.get("account", "")
    policies = _assumption(account, results, splunkd)
    if any(result.kind == DENIED for result in results):
        wanted = parse_input(params, stanza)
        policies.append(_reading(wanted, splunkd.account(wanted.account)))
    target = "/".join(params.get(name, "") for name in ("project", "logstore"))
    return Report(f"input '{stanza}' ({target}, account '{account}')", results, policies)


def _reading(wanted: InputSettings, account: AccountSettings) -> tuple[str, dict[str, Any]]:
    whom = f"role {account.role.arn}" if account.role else "account's user or role"
    policy = ram_policy(wanted.project, wanted.logstore, wanted.consumer_group)
    return f"RAM policy for the {whom}", policy


def _assumption(name: str, results: list[Result], splunkd: Splunkd) -> list[tuple[str, dict[str, Any]]]:
    """The policy for whoever may not assume the account's role."""
    if not any("nopermission" in result.kind.lower() for result in results):
        return []
    role = splunkd.account(name).role
    return [("RAM policy for whoever assumes the role", assume_role_policy(role.arn))] if role else []


def _columns() -> int:
    return min(shutil.get_terminal_size((120, 24)).columns, _WIDEST)
