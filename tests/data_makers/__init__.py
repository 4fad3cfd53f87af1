"""Makers of realistic SLS logs, deterministic by seed: ``MAKERS["waf"].make(random.Random(1), t)``."""

from __future__ import annotations

from tests.data_makers import actiontrail, k8s, oss, rds, vpc_flow, waf
from tests.data_makers.base import SEQ_FIELD, LogGroup, LogMaker, Pairs, make_group, make_record

MAKERS: dict[str, LogMaker] = {
    module.MAKER.name: module.MAKER for module in (actiontrail, oss, waf, rds, k8s, vpc_flow)
}

__all__ = ["MAKERS", "SEQ_FIELD", "LogGroup", "LogMaker", "Pairs", "make_group", "make_record"]
