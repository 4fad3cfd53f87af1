"""python -m tests.knowledge check [prefix] | show <sample> | coverage [prefix] | hostile [prefix]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.knowledge import check, conf, cover, hostile, samples
from tests.knowledge.apply import Applier
from tests.knowledge.errors import KnowledgeError
from tests.knowledge.samples import SAMPLES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.knowledge", description=__doc__)
    parser.add_argument(
        "--package", type=Path, help="read the conf files of this .spl, not the source tree's"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("check", help="what is wrong with the samples")
    one.add_argument("prefix", nargs="?", default="", help="a sourcetype, or how sourcetypes begin")
    two = commands.add_parser("show", help="what becomes of one sample")
    two.add_argument("sample", help="its file, or <folder>/<name>")
    three = commands.add_parser("coverage", help="how much of the data models the samples have")
    three.add_argument("prefix", nargs="?", default="")
    four = commands.add_parser("hostile", help="what becomes wrong when one field of a sample is odd")
    four.add_argument("prefix", nargs="?", default="")
    args = parser.parse_args()
    try:
        applier = Applier(conf.from_package(args.package) if args.package else conf.from_source())
        if args.command == "show":
            return _show(args.sample, applier)
        if args.command == "hostile":
            return _hostile(args.prefix, applier)
        return _check(args.prefix, applier) if args.command == "check" else _coverage(args.prefix, applier)
    except KnowledgeError as error:
        _say(str(error))
        return 2


def _say(line: str = "") -> None:
    sys.stdout.write(line + "\n")


def _check(prefix: str, applier: Applier) -> int:
    types = check.all_types(applier, prefix)
    bad = 0
    for line in applier.problems:
        bad += 1
        _say(f"PROBLEM {line}")
    for one in types:
        for problem in one.problems:
            bad += 1
            _say(f"PROBLEM {one.folder.name}: {problem}")
        for checked in one.samples:
            bad += len(checked.problems)
            if not checked.problems:
                _say(f"ok      {checked.name}  {', '.join(checked.models) or 'no model'}")
            for problem in checked.problems:
                _say(f"PROBLEM {checked.name}: {problem}")
        cover_of = one.coverage
        if cover_of.missing:
            _say(f"        {one.folder.name} has not: {', '.join(cover_of.missing)}")
    _say(f"{sum(len(one.samples) for one in types)} samples of {len(types)} sourcetypes, {bad} problems")
    return 1 if bad or not types else 0


def _show(name: str, applier: Applier) -> int:
    path = Path(name)
    if not path.is_file():
        path = SAMPLES / (name if name.endswith(".json") else f"{name}.json")
    path = path.resolve()
    try:
        info = samples.load_type(path.parent)
    except KnowledgeError:
        info = samples.TypeInfo(path.parent, samples.sourcetype_of(path.parent))
    checked = check.check_sample(path, applier, info)
    if checked.event is not None:
        for key, value in checked.event._asdict().items():
            _say(f"{key}: {value}")
    if checked.outcome is not None:
        _say("\nfields (* = made by props.conf)")
        for field, found in sorted(checked.outcome.fields.items()):
            mark = "*" if field in checked.outcome.made else " "
            _say(f"  {mark} {field} = {found if isinstance(found, str) else list(found)}")
        _say(f"\nevent types: {', '.join(checked.outcome.eventtypes)}")
        _say(f"tags: {', '.join(checked.outcome.tags)}")
        _say(f"datasets: {', '.join(f'{d.model}:{d.path}' for d in checked.datasets)}")
    for problem in checked.problems:
        _say(f"PROBLEM {problem}")
    return 1 if checked.problems else 0


def _coverage(prefix: str, applier: Applier) -> int:
    types = check.all_types(applier, prefix)
    for line in cover.table(types):
        _say(line)
    missed = cover.missed_goals(types, whole=not prefix)
    for line in missed:
        _say(f"MISSED  {line}")
    return 1 if missed else 0


def _hostile(prefix: str, applier: Applier) -> int:
    found = [line for folder in samples.folders(prefix) for line in hostile.problems(folder, applier)]
    for line in found:
        _say(line)
    _say(f"{len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
