"""A seeded suite of faults: the packaged add-on between both stand-ins, with a ledger of every log.

`python -m tests.chaos --help` or `make chaos`. README.md says what is checked.
"""
