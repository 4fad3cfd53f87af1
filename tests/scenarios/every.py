"""All scenarios and all that is uncertain, imported from where they are written down."""

from __future__ import annotations

from tests.scenarios import (
    delivery,
    fields,
    life,
    notices,
    refusals,
    uncertain_rest,
    uncertain_start,
    uncertain_stop,
    uncertain_stream,
)
from tests.scenarios.probe import uncertain
from tests.scenarios.stage import scenario

MODULES = (delivery, fields, life, refusals, notices)
UNCERTAIN_MODULES = (uncertain_start, uncertain_stop, uncertain_stream, uncertain_rest)
SCENARIOS, UNCERTAIN = scenario.all, uncertain.all
__all__ = ["MODULES", "SCENARIOS", "UNCERTAIN", "UNCERTAIN_MODULES", "scenario", "uncertain"]
