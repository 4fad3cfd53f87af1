"""Says in one sentence what is wrong with globalConfig.json; ucc-gen would dump its schema instead."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError, best_match  # type: ignore[import-untyped]

from tools.step import BuildError

NAME = "globalConfig.json"


def load(path: Path) -> dict[str, Any]:
    """The file as data.

    Raises:
        BuildError: it is not there, is no JSON, or does not follow ucc-gen's schema.
    """
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BuildError(f"cannot read {NAME} ({error.strerror})") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BuildError(f"{NAME} is not JSON: {place}: {error.msg}") from error
    worst = best_match(Draft7Validator(_schema()).iter_errors(config))
    if worst is not None:
        raise BuildError(f"{NAME} is refused at {_where(worst)}: {_shortened(worst.message)}")
    return config


def _schema() -> Any:
    spec = importlib.util.find_spec("splunk_add_on_ucc_framework")
    if spec is None or spec.origin is None:
        raise BuildError("ucc-gen is not installed in .venv: run 'make env'")
    return json.loads((Path(spec.origin).parent / "schema" / "schema.json").read_text(encoding="utf-8"))


def _where(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path) or "its top level"


def _shortened(message: str) -> str:
    return message if len(message) < 200 else f"{message[:90]} ... {message[-90:]}"
