"""What the add-on says by itself: a gap, its own log, and conf files that Splunk knows."""

from __future__ import annotations

import json

from tests.addon import APP
from tests.scenarios.site import PROJECT, View, Where
from tests.scenarios.stage import Stage, scenario


@scenario()
def what_retention_took_is_announced(stage: Stage) -> None:
    """Logs that SLS dropped while the input was disabled are announced by one event of `alibaba:sls:gap`, and
    by an ERROR; what is left arrives.
    """
    stage.create_input()
    stage.put(10, shard=0, group_size=1)
    stage.arrived()
    stage.until(stage.all_saved, 10, "saved checkpoints")
    stage.site.pages.disable_input(stage.name)
    stage.until(lambda: stage.process() is None, 15, "the process to end")
    stage.put(10, shard=0, group_size=1)
    assert stage.site.sls.expire(PROJECT, stage.name, 0, keep_last=4) == 16
    stage.site.pages.enable_input(stage.name)
    stage.put(5, shard=0)
    stage.until(lambda: stage.reconcile().total.missing == 6, 30, "what is left to arrive")
    (view,) = stage.until(lambda: stage.views("alibaba:sls:gap"), 20, "the gap's event")
    told = json.loads(view.event.raw)
    assert (told["notice"], told["shard"], told["stanza"]) == ("gap", 0, stage.name)
    assert (told["project"], told["logstore"]) == (PROJECT, stage.name)
    assert abs(told["lost_checkpoint_saved_time"] - told["first_available_time"]) < 60
    assert view.event.source == f"sls://{PROJECT}/{stage.name}"
    assert view.fields["consumer_group"] == f"splunk-{stage.name}"
    assert stage.reconcile().total.duplicate == 0
    assert "logs were lost before they could be read" in stage.splunkd_log()


@scenario()
def the_own_log_has_fields(stage: Stage) -> None:
    """The add-on's own log is found in _internal under its own sourcetype, and its metrics lines have fields,
    among them the counts of what was written.
    """
    stage.create_input()
    stage.put(30)
    stage.arrived()
    stage.site.pages.disable_input(stage.name)  # a run writes its last metrics when it ends
    stage.until(lambda: stage.process() is None, 15, "the process to end")

    def metrics() -> list[View]:
        source = f"{stage.site.home}/var/log/splunk/ta_alibaba_sls_{stage.name}.log"
        views = stage.site.views(Where("_internal", "ta_alibaba_sls:log", source))
        return [view for view in views if view.fields.get("action") == "input_metrics"]

    stage.until(lambda: sum(number(view, "events") for view in metrics()) >= 30, 30, "the input's metrics")
    last = metrics()[-1].fields
    assert (last["project"], last["logstore"]) == (PROJECT, stage.name)
    assert (last["log_level"], last["stanza"]) == ("INFO", stage.name)
    assert sum(number(view, "events") for view in metrics()) == 30


def number(view: View, name: str) -> int:
    return int(str(view.fields.get(name) or 0))


@scenario()
def every_setting_is_one_that_splunk_knows(stage: Stage) -> None:
    """`splunk btool check` has no complaint about the add-on's conf files."""
    complaints = stage.site.conf_complaints(APP)
    assert not complaints, "\n".join(complaints)
