"""Measurements beside the throughput table: latency, idle cost, distance, growth; and the sizing from them.

`python -m tests.bench.side <name>` runs one, `python -m tests.bench.side all --publish` runs all of them and
rewrites results.json, the end of docs/benchmarks.md and the tables of docs/sizing.md. Each module with a
MEASUREMENT is one.
"""
