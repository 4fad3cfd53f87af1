"""Start-up of modular inputs: find the schemes of an app, ask each script for its own, validate arguments."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .conf import ConfStore
from .conf_file import is_true
from .document import Header, validation_document
from .interpreters import InterpreterError
from .runner import Runner
from .scheme import Scheme, SchemeArg, SchemeError, parse_scheme, script_candidates, spec_schemes
from .splunkd_log import SplunkdLog, split_level

__all__ = ["Scheme", "SchemeArg", "introspect", "validate_arguments"]

_CATEGORY = "ModularInputs"
_THREAD = "MainThread"


def introspect(home: Path, app: str, runner: Runner, conf: ConfStore, log: SplunkdLog) -> list[Scheme]:
    """Schemes of one app that could be registered; why others could not is in the log."""
    found: list[Scheme] = []
    app_dir = home / "etc" / "apps" / app
    settings = conf.merged("inputs")
    for name in spec_schemes(app_dir / "README" / "inputs.conf.spec"):
        if not is_true(settings.get(name, {}).get("run_introspection"), True):
            log.write("INFO", _CATEGORY, f'Introspection of scheme "{name}" is disabled.', _THREAD)
            continue
        script = _find_script(app_dir, name, runner, log)
        if script is None:
            _failed(log, name, app, f"Unable to find script to handle scheme {name}")
            continue
        try:
            found.append(_ask(name, app, script, runner, conf, log))
        except (SchemeError, InterpreterError, OSError) as error:
            log.write("ERROR", _CATEGORY, f"Introspecting scheme={name}: {error}.", _THREAD)
            _failed(log, name, app, f"Introspecting scheme={name}: {error}.")
    return found


def _failed(log: SplunkdLog, name: str, app: str, reason: str) -> None:
    text = f'Unable to initialize modular input "{name}" defined in the app "{app}": {reason}.'
    log.write("ERROR", _CATEGORY, text, _THREAD)


def _find_script(app_dir: Path, name: str, runner: Runner, log: SplunkdLog) -> Path | None:
    knobs = runner.knobs
    for path in script_candidates(app_dir, name, knobs.arch_dir_first, knobs.script_extensions):
        if path.is_file():
            log.write("INFO", _CATEGORY, f'Found script "{path}" to handle scheme "{name}".', _THREAD)
            return path
        log.write("DEBUG", _CATEGORY, f'No regular file="{path}".', _THREAD)
    return None


def _ask(name: str, app: str, script: Path, runner: Runner, conf: ConfStore, log: SplunkdLog) -> Scheme:
    stanzas = conf.stanzas_of_scheme(name)
    enabled = [conf.stanza_params(name, stanza)[1] for stanza, _, disabled in stanzas if not disabled]
    python = runner.interpreters.for_introspection(conf.merged("inputs").get(name, {}), enabled)
    argv = runner.argv(script, "--scheme", python=python)
    done = runner.call(argv, runner.cwd(script), b"", runner.knobs.introspection_timeout)
    _log_stderr(log, f"Introspecting scheme={name}: ", done.stderr)
    if done.code is None:
        raise SchemeError("script running failed (killed at the time limit)")
    if done.code != 0:
        raise SchemeError(f"script running failed (exited with code {done.code})")
    scheme = replace(parse_scheme(name, app, script, done.stdout), python=python)
    log.write("INFO", _CATEGORY, f"Introspecting scheme={name}: exited: status=done, exit=0", _THREAD)
    log.write("INFO", _CATEGORY, f'Introspection setup completed for scheme "{name}".', _THREAD)
    if not stanzas:
        text = f'No stanzas found for scheme "{name}" in inputs.conf at script (re)start.'
        log.write("INFO", _CATEGORY, text, _THREAD)
    return scheme


def _log_stderr(log: SplunkdLog, prefix: str, stderr: bytes) -> None:
    for line in stderr.decode("utf-8", "backslashreplace").splitlines():
        level, text = split_level(line)
        log.write(level, _CATEGORY, f"<stderr> {prefix} {text}", _THREAD)


def validate_arguments(
    scheme: Scheme,
    stanza_name: str,
    params: Mapping[str, str],
    session_key: str,
    server_uri: str,
    runner: Runner,
    checkpoint_dir: Path | str,
    log: SplunkdLog | None = None,
) -> str | None:
    """Ask the script whether it accepts these arguments; None = accepted, else the reason to show.

    `stanza_name` is the bare name. Raises InterpreterError when no interpreter fits.
    """
    header = Header(runner.host, server_uri, session_key, str(checkpoint_dir))
    document = validation_document(header, stanza_name, params)
    python = runner.interpreters.for_run(params) if params.get("python.required") else scheme.python
    argv = runner.argv(scheme.script, "--validate-arguments", python=python)
    done = runner.call(argv, runner.cwd(scheme.script), document, runner.knobs.validation_timeout)
    if log is not None:
        _log_stderr(log, f"Argument validation for scheme={scheme.name}: ", done.stderr)
    if done.code == 0:
        return None
    if done.code is None:
        return f"Argument validation for scheme={scheme.name}: killed at the time limit"
    reason = f"script running failed (exited with code {done.code})"
    return _message(done.stdout) or f"Argument validation for scheme={scheme.name}: {reason}."


def _message(stdout: bytes) -> str:
    """The text of `<error><message>`, "" when stdout is not exactly that."""
    try:
        root = ET.fromstring(stdout)
    except ET.ParseError:
        return ""
    return (root.findtext("message") or "").strip() if root.tag == "error" else ""
