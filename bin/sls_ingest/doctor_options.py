"""The doctor's command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

_SPLUNKD: Final = "https://127.0.0.1:8089"
INPUT_OPTIONS: Final = ("endpoint", "project", "logstore", "consumer_group")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_AGO = re.compile(r"-\s*\d.*")


def options_of(argv: Sequence[str]) -> argparse.Namespace:
    """The command line, read; one that cannot be leaves the process with code 2."""
    parser = _parser()
    options = parser.parse_args(_with_times(argv))
    if options.stanza and any(getattr(options, name) for name in INPUT_OPTIONS):
        parser.error("--stanza has all settings of the input; give no others")
    if options.rewind and not options.stanza:
        parser.error("--rewind goes with --stanza")
    if not options.rewind and (options.shard or options.yes or options.skip_ahead):
        parser.error("--shard, --skip-ahead and --yes go with --rewind")
    return options


def _with_times(argv: Sequence[str]) -> list[str]:
    """argparse would take the -4h of `--rewind -4h` for an option."""
    words = list(argv)
    for place, word in enumerate(words[:-1]):
        if word == "--rewind" and _AGO.fullmatch(words[place + 1]):
            words[place : place + 2] = [f"--rewind={words[place + 1]}"]
            break
    return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alibaba_sls_doctor.py",
        description="Checks the way of an input to its logstore, or an account, and says what is wrong. "
        "Without --rewind nothing is changed, neither in Splunk nor in SLS; with it, checkpoints of the "
        "input's consumer group are moved, after a question.",
        epilog="Exit codes: 0 nothing failed, 1 a check failed or a checkpoint was not moved, 2 it could not "
        "even be tried.",
    )
    subject = parser.add_mutually_exclusive_group(required=True)
    subject.add_argument("--stanza", metavar="NAME", help="check this input of the Inputs page")
    subject.add_argument("--account", metavar="NAME", help="check this account; with the next four, an input")
    parser.add_argument("--endpoint", help="such as cn-hangzhou.log.aliyuncs.com")
    parser.add_argument("--project")
    parser.add_argument("--logstore")
    parser.add_argument(
        "--consumer-group", metavar="GROUP", help="where an input sets none, it is splunk-<name of the input>"
    )
    parser.add_argument("--splunkd", metavar="URL", default=_SPLUNKD, type=_url, help=f"default: {_SPLUNKD}")
    parser.add_argument(
        "--session-key-stdin",
        action="store_true",
        help="read a Splunk session key from standard input instead of asking for user and password",
    )
    parser.add_argument(
        "--rewind",
        metavar="TIME",
        help="move the checkpoints of a stopped input's consumer group to where SLS received the first log "
        "at TIME or later; the forms are those of cursor_start_time",
    )
    parser.add_argument("--shard", metavar="N", type=int, nargs="+", help="move these shards alone")
    parser.add_argument(
        "--skip-ahead",
        action="store_true",
        help="move shards forward, too: the logs between will not be read",
    )
    parser.add_argument("--yes", action="store_true", help="move without a question")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(refuse=parser.error)
    return parser


def _url(text: str) -> str:
    """splunkd's address; a password does not travel in clear text to another machine."""
    url = urlsplit(text)
    try:
        is_complete = url.scheme in ("http", "https") and bool(url.hostname) and bool(url.port)
    except ValueError:
        is_complete = False
    if not is_complete:
        raise argparse.ArgumentTypeError(f"give an address such as {_SPLUNKD}")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise argparse.ArgumentTypeError("give an https:// address, or run the doctor on that machine")
    return f"{url.scheme}://{url.netloc}"
