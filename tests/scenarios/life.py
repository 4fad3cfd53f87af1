"""The life of an input: restart, disable, edit, kill, share, upgrade, delete. None of it loses a log."""

from __future__ import annotations

import json
import signal

from tests.addon import APP
from tests.scenarios.site import ACCOUNT
from tests.scenarios.stage import Stage, scenario


@scenario()
def a_restart_of_splunk_loses_and_repeats_nothing(stage: Stage) -> None:
    """Splunk restarts while logs flow: every log arrives, and none twice, as docs/delivery.md says of a
    restart.
    """
    stage.create_input()
    stage.put(100)
    stage.arrived()
    stage.put(50)
    stage.site.restart()
    stage.put(50)
    result = stage.arrived(60)
    assert (result.total.indexed, result.total.duplicate) == (200, 0)


@scenario()
def disable_edit_enable_and_delete_lose_and_repeat_nothing(stage: Stage) -> None:
    """A disabled input's process ends, and it goes on when it is enabled, with what was edited meanwhile; an
    edit of a running input restarts it; one that is deleted ends, and goes on from the checkpoints in SLS if
    made anew.
    """
    pages = stage.site.pages
    stage.create_input()
    stage.put(40)
    stage.arrived()
    pages.disable_input(stage.name)
    stage.until(lambda: stage.process() is None, 15, "the disabled input's process to end")
    stage.put(40)
    pages.edit_input(stage.name, max_fetch_log_group_size="1")
    pages.enable_input(stage.name)
    stage.put(40)
    stage.arrived()
    before = stage.until(stage.process, 10, "a process")
    pages.edit_input(stage.name, max_fetch_log_group_size="1000")
    stage.until(
        lambda: (now := stage.process()) and now.pid != before.pid, 20, "the edited input's new process"
    )
    stage.put(40)
    result = stage.arrived()
    assert (result.total.indexed, result.total.duplicate) == (160, 0)


@scenario()
def a_killed_input_repeats_what_was_not_saved_and_tells_by_id(stage: Stage) -> None:
    """After SIGKILL the input starts again and repeats what was written since the last saved checkpoint,
    which is all of it as SLS refuses checkpoints here; both copies of a log have the same `__event_id__`.
    """
    stage.create_input(event_id="1")
    stage.until(stage.all_saved, 15, "the start of every shard to be saved")
    refused = {"kind": "status", "status": 500, "logstore": stage.name}
    stage.site.sls.fault("ConsumerGroupUpdateCheckPoint", **refused)
    stage.put(40)
    stage.arrived()
    process = stage.until(stage.process, 10, "a process")
    stage.site.signal(process.pid, signal.SIGKILL)
    stage.site.sls.clear_faults()
    stage.until(lambda: len(stage.events()) >= 80, 40, "every log a second time")
    ids = [json.loads(event.raw)["__event_id__"] for event in stage.events()]
    assert (len(ids), len(set(ids))) == (80, 40)
    assert stage.until(stage.process, 10, "a new process").pid != process.pid
    stage.until(stage.all_saved, 15, "saved checkpoints")
    again = stage.process()
    assert again is not None
    stage.site.signal(again.pid, signal.SIGKILL)  # now that all is saved, nothing is repeated
    stage.put(10)
    stage.arrived()
    assert len(stage.events()) == 90


@scenario()
def two_inputs_of_one_group_share_its_shards(stage: Stage) -> None:
    """Two inputs with one consumer group hold a shard each, and no log arrives twice, also not when one of
    them is deleted and the other one takes its shard.
    """
    for name in ("one", "two"):
        stage.create_input(f"{stage.name}_{name}", consumer_group="shared")
    stage.until(lambda: sorted(stage.owners("shared").values()) == [1, 1], 20, "a shard for each input")
    for shard in (0, 1):
        stage.put(50, shard=shard, group_size=10)
    stage.arrived()
    stage.delete_input(f"{stage.name}_one")
    stage.until(
        lambda: sorted(stage.owners("shared").values()) == [2], 20, "both shards with the other input"
    )
    stage.put(50)
    result = stage.arrived()
    assert (result.total.indexed, result.total.duplicate) == (150, 0)


@scenario(slow=True)
def an_upgrade_in_place_keeps_account_input_and_position(stage: Stage) -> None:
    """The package laid over itself while the input is disabled, and a restart of Splunk: account, settings
    and input are there, and reading goes on where it stopped.
    """
    pages = stage.site.pages
    stage.create_input()
    stage.put(30)
    stage.arrived()
    stage.until(stage.all_saved, 10, "saved checkpoints")
    pages.disable_input(stage.name)
    stage.until(lambda: stage.process() is None, 15, "the process to end")
    stage.site.install(stage.site.package)
    stage.site.restart()
    root = f"/servicesNS/nobody/{APP}/{APP}"
    account = stage.site.rest("GET", f"{root}_account/{ACCOUNT}", expect=200).json["entry"][0]["content"]
    assert account["auth_type"] == "access_key"
    assert stage.site.rest("GET", f"{root}_settings/network", expect=200).json["entry"][0]["content"][
        "ca_bundle"
    ]
    stage.put(30)
    pages.enable_input(stage.name)
    result = stage.arrived()
    assert (result.total.indexed, result.total.duplicate) == (60, 0)
