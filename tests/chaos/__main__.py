"""The fault suite: `python -m tests.chaos --seed 1 --faults 1000 --events 10000000`.

Exit code 0 when nothing is missing, every bound holds and every demanded kind of fault has struck; else 1.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.app_package import ROOT, find_or_build_spl, unpack

from . import plan
from .driver import PAUSE, facts_of
from .faults import KINDS
from .report import Report

_SHORT_SLACK = 4.0  # bounds of a short run on a loaded machine
_START, _FACTOR = 400.0, 4.0  # seconds, and times the expected time, after which a cell is given up


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, help="default 1000; with --short each kind once")
    parser.add_argument("--events", type=int, help="numbered logs to write; default 10000000, --short 300000")
    parser.add_argument("--cells", type=int, help="side by side; default 4, --short 3")
    parser.add_argument("--short", action="store_true", help="each kind once, in less than three minutes")
    parser.add_argument("--kinds", help="only these, comma-separated; --kinds list shows them")
    parser.add_argument("--slack", type=float, help="multiplies the bounds; default 1, --short 4")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument(
        "--home", type=Path, help="folder for logs and state; kept (default: a temporary one)"
    )
    return _with_defaults(parser.parse_args(arguments))


def _with_defaults(args: argparse.Namespace) -> argparse.Namespace:
    args.chosen = args.kinds.split(",") if args.kinds and args.kinds != "list" else list(KINDS)
    unknown = [kind for kind in args.chosen if kind not in KINDS]
    if unknown:
        raise SystemExit(f"unknown kinds: {', '.join(unknown)}; --kinds list shows them")
    defaults = {
        "faults": len(args.chosen) if args.short else 1000,
        "events": 300_000 if args.short else 10_000_000,
        "cells": 3 if args.short else 4,
        "slack": _SHORT_SLACK if args.short else 1.0,
    }
    for name, value in defaults.items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    args.cells = max(1, min(args.cells, args.faults))
    return args


def plans(args: argparse.Namespace) -> list[dict[str, Any]]:
    """What each cell does, all of it drawn from the seed."""
    rng = random.Random(args.seed)
    facts = facts_of(args.short)
    cards = plan.deck(args.chosen, args.faults, rng)
    hands = plan.deal(cards, args.cells, lambda kind: facts[kind].seconds)
    made = []
    for cell, hand in enumerate(hands):
        episodes = plan.episodes(hand, facts, rng)
        made.append(
            {
                "cell": cell,
                "seed": f"{args.seed}/{cell}",
                "episodes": episodes,
                "expected": plan.expected_seconds(episodes, facts, PAUSE),
                "events": args.events // args.cells + (cell < args.events % args.cells),
                "forwarders": 2 if args.short else rng.choice((2, 3)),
                "short": args.short,
                "slack": args.slack,
            }
        )
    return made


def run_cells(made: Sequence[dict[str, Any]], home: Path, app: Path) -> list[dict[str, Any]]:
    """Run all cells side by side; their results, or what is known of one that failed."""
    running = []
    for cell in made:
        folder = home / f"cell{cell['cell']}"
        folder.mkdir(parents=True)
        path = folder / "plan.json"
        path.write_text(json.dumps({**cell, "app": str(app)}, indent=1), encoding="utf-8")
        command = [sys.executable, "-m", "tests.chaos.cell", str(path)]
        running.append((cell, folder, subprocess.Popen(command, cwd=ROOT)))
    limit = time.monotonic() + _START + _FACTOR * max(cell["expected"] for cell in made)
    try:
        return [_result(cell, folder, child, limit) for cell, folder, child in running]
    finally:
        for _, _, child in running:
            if child.poll() is None:
                child.terminate()
                child.wait(60)


def _result(
    cell: dict[str, Any], folder: Path, child: subprocess.Popen[bytes], limit: float
) -> dict[str, Any]:
    try:
        code: int | str = child.wait(max(1.0, limit - time.monotonic()))
    except subprocess.TimeoutExpired:
        code = "no end in sight"
    path = folder / "result.json"
    if code == 0 and path.is_file():
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return result
    return {
        **{name: cell[name] for name in ("cell", "seed", "forwarders")},
        **dict.fromkeys(("events", "missing", "duplicates", "dropped"), 0),
        **{name: [] for name in ("unknown", "unexpected_notices", "outcomes", "evidence")},
        "home": str(folder),
        "unwritten": cell["events"],
        "producer_error": f"(the cell failed: {code})",
        "problems": {},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    args = parse(arguments)
    if args.kinds == "list":
        sys.stdout.write("\n".join(KINDS) + "\n")
        return 0
    if args.home is not None:
        args.home.mkdir(parents=True, exist_ok=True)
        return run(args, args.home)
    with tempfile.TemporaryDirectory(prefix="chaos-") as home:
        return run(args, Path(home))


def run(args: argparse.Namespace, home: Path) -> int:
    """Build, run, report; the exit code."""
    began = time.monotonic()
    app = unpack(find_or_build_spl(home / "package.log"), home / "app")
    made = plans(args)
    expected = max(cell["expected"] for cell in made)
    sys.stdout.write(
        f"seed {args.seed}: {args.faults} faults of {len(args.chosen)} kinds and {args.events} logs in "
        f"{len(made)} cells; about {expected / 60 + 1:.0f} minutes\n"
    )
    sys.stdout.flush()
    report = Report(
        run_cells(made, home, app), args.chosen if args.faults >= len(args.chosen) else [], args.slack
    )
    if args.json is not None:
        args.json.write_text(json.dumps(report.as_dict(), indent=1), encoding="utf-8")
    sys.stdout.write(f"\n{report.table()}\nseed {args.seed}, {time.monotonic() - began:.0f} s\n")
    failures = report.failures()
    if failures:
        sys.stdout.write("\n" + report.evidence() + "\n\nFAILED\n" + "\n".join(failures) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
