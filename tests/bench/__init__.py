"""How much one CPU second delivers: the add-on against what users can run instead, on the same logs.

`python -m tests.bench --help` or `make bench`. docs/benchmarks.md says what is measured and what is not.
"""
