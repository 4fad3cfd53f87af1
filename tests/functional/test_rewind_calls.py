"""What --rewind and the end of a backfill make of what SLS says: races, failures, old checkpoints."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aliyun.log import LogException

from sls_ingest import at_rest, moving
from sls_ingest.errors import NotMovedError, RetriableError
from sls_ingest.finishing import Finishing
from sls_ingest.group_checkpoints import GroupCheckpoints
from sls_ingest.metrics import InputMetrics
from sls_ingest.sls_client import SlsConsumerClient
from sls_ingest.transport import SlsLogClient
from sls_ingest.window import Window
from tests.functional.harness import KEY_ID, KEY_SECRET, LOGSTORE, PROJECT, ends
from tests.functional.rewind_scene import GROUP, HOUR, LOG, Scene, scene_of
from tests.standins.sls import SlsServer

OTHER = "guid-other"


@pytest.fixture
def scene(sls: SlsServer) -> Iterator[Scene]:
    with scene_of(sls) as scene:
        yield scene


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits for checkpoints to stand still, which do not take place."""
    waits: list[float] = []
    monkeypatch.setattr(moving, "time", SimpleNamespace(sleep=waits.append))
    monkeypatch.setattr(at_rest, "_LOOK", 0.1)
    return waits


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The doctor's log on a Splunk."""
    folder = tmp_path / "var" / "log" / "splunk"
    folder.mkdir(parents=True)
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    return folder / "ta_alibaba_sls_doctor.log"


# -- where to


def test_a_shard_born_while_the_input_was_down_is_not_skipped(sls: SlsServer) -> None:
    with scene_of(sls, cursor_start_time="-1h") as scene:
        scene.save_ends("guid-central")
        sls.control.set_clock_offset(10)
        sls.control.split(PROJECT, LOGSTORE, 0)
        sls.control.set_clock_offset(0)
        scene.traffic.put(5, shard=2, received=scene.now - 4 * HOUR)
        scene.traffic.put(5, shard=2, received=scene.now - HOUR // 2)
        code, told = scene.rewind("-2h")
        assert code == 0
        assert [row["state"] for row in told["shards"]] == ["moved"] * 4
        assert scene.saved()[2] == scene.oldest(2)  # as an input would have read it
        assert "only --skip-ahead goes forward" in told["shards"][2]["note"]
        code, told = scene.rewind("-2h", skip_ahead=True, shard=[2, 2])
        (row,) = told["shards"]
        assert scene.saved()[2] == row["new_cursor"] != scene.oldest(2)


# -- who is at work


def test_a_group_that_went_to_work_while_the_question_stood_is_not_moved(scene: Scene) -> None:
    def save_elsewhere() -> None:
        scene.save(1, scene.oldest(1), OTHER)

    def enable() -> None:
        scene.splunkd.active = {"central": scene.params}

    for meanwhile, said in ((save_elsewhere, "was at work meanwhile"), (enable, "is enabled on this Splunk")):
        scene.save_ends()
        before = scene.saved()[0]
        code, told = scene.rewind("-3h", meanwhile)
        assert (code, [row["state"] for row in told["shards"]]) == (1, ["not moved"] * 2)
        assert said in told["sentence"]
        assert scene.saved()[0] == before


def test_a_rewind_leaves_the_names_by_which_the_next_one_knows_who_is_at_work(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.save_ends(OTHER)
    assert scene.rewind("-3h")[0] == 0
    assert {row["updater"] for row in scene.rows().values()} == {OTHER}
    assert scene.beat(OTHER, []) == [0, 1]  # it saves nothing, as it has done so before
    before = scene.saved()
    monkeypatch.setattr(at_rest, "_GRACE", -0.5)
    code, told = scene.rewind("end", skip_ahead=True)
    assert (code, scene.saved()) == (1, before)
    assert f"still at work in consumer group '{GROUP}': '{OTHER}'" in told["sentence"]


def test_a_look_takes_back_no_checkpoint_that_was_saved_meanwhile(scene: Scene) -> None:
    scene.beat(OTHER, [])
    for shard in (0, 1):
        scene.save(shard, scene.oldest(shard), OTHER)
    group = scene.checkpoints()
    rows = group.rows()
    scene.save_ends(OTHER)
    assert group.at_work(rows) == [OTHER]
    assert scene.saved() == ends(scene.sls)


def test_it_is_the_shard_that_was_left_alone_longest_that_is_looked_at(scene: Scene) -> None:
    scene.beat(OTHER, [])
    for shard in (1, 0):
        scene.save(shard, ends(scene.sls)[shard], OTHER)
    group = scene.checkpoints()
    before = group.rows()
    assert group.at_work(before) == [OTHER]
    after = group.rows()
    assert [shard for shard in after if after[shard] != before[shard]] == [1]


def stop_soon(scene: Scene) -> None:
    """A consumer that saves where it has got to, beats for the last time, and is gone a second later."""
    scene.beat(OTHER, [])
    for shard, cursor in ends(scene.sls).items():
        time.sleep(0.15)
        scene.save(shard, cursor, OTHER)


def test_one_that_is_just_being_stopped_is_waited_for(scene: Scene) -> None:
    for shard in (0, 1):
        scene.save(shard, scene.oldest(shard), OTHER)
    scene.beat(OTHER, [])
    thread = threading.Thread(target=stop_soon, args=(scene,))
    thread.start()
    rows = at_rest.rows_at_rest(scene.checkpoints(), scene.access().settings)
    thread.join()
    assert {shard: row.cursor for shard, row in rows.items()} == ends(scene.sls)


def test_one_that_goes_on_is_refused_when_its_time_is_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_rest, "_GRACE", -0.5)
    over = threading.Event()
    cursors = (scene.oldest(0), ends(scene.sls)[0])

    def work() -> None:
        while not over.wait(0.02):
            scene.beat(OTHER, [])
            scene.save(0, cursors[int(time.time() * 7) % 2], OTHER)

    scene.beat(OTHER, [])
    scene.save(0, cursors[0], OTHER)
    thread = threading.Thread(target=work)
    thread.start()
    with pytest.raises(NotMovedError, match=f"still at work .*'{OTHER}'"):
        at_rest.rows_at_rest(scene.checkpoints(), scene.access().settings)
    over.set()
    thread.join()


# -- what goes wrong


def test_a_shard_that_is_left_out_or_stands_there_already_stays(scene: Scene) -> None:
    before = scene.saved()
    code, told = scene.rewind("-3h", shard=[0, 0])
    assert (code, told["sentence"][:20]) == (0, "1 of 1 checkpoints m")
    assert scene.saved() == {0: scene.oldest(0), 1: before[1]}
    code, told = scene.rewind("-3h")
    assert (code, [row["state"] for row in told["shards"]]) == (0, ["stays", "moved"])
    code, told = scene.rewind("end")
    assert (code, told["sentence"]) == (0, "nothing to move")
    code, told = scene.rewind("end", skip_ahead=True)
    assert (code, scene.saved()) == (0, before)
    assert "LOGS RECEIVED BETWEEN" in told["shards"][0]["note"]


def test_checkpoints_have_to_stand_for_longer_than_a_consumer_takes_to_save(
    sls: SlsServer, slept: list[float]
) -> None:
    with scene_of(sls, heartbeat_interval="20") as scene:
        assert scene.rewind("-3h")[0] == 0
    assert slept[-1] >= 3 + 1


def test_nothing_is_moved_unasked_or_without_permission(scene: Scene) -> None:
    before = scene.saved()
    code, told = scene.rewind("-3h", lambda: None, reply="n")
    assert (code, told["sentence"]) == (1, "nothing was moved")
    with pytest.raises(RetriableError, match="nobody can be asked here; give --yes"):
        scene.rewind("-3h", lambda: None, reply=None)
    scene.sls.control.add_access_key(KEY_ID, KEY_SECRET, deny=["log:ConsumerGroupUpdateCheckPoint"])
    code, told = scene.rewind("-3h")
    assert code == 1
    assert "action: log:ConsumerGroupUpdateCheckPoint" in told["sentence"]
    assert scene.saved() == before


def test_nothing_is_moved_for_somebody_who_cannot_be_named(scene: Scene) -> None:
    scene.splunkd.failure, before = RetriableError("splunkd is away"), scene.saved()
    with pytest.raises(RetriableError):
        scene.rewind("-3h")
    assert scene.saved() == before


def test_what_sls_does_not_confirm_is_told_and_noted(scene: Scene, log: Path) -> None:
    old = scene.saved()
    scene.sls.control.fault("GetConsumerGroupCheckPoint", status=503, code="ServerBusy", skip=2)
    code, told = scene.rewind("-3h")
    assert (code, [row["state"] for row in told["shards"]]) == (1, ["not confirmed"] * 2)
    assert told["sentence"].startswith("SLS does not say where the checkpoints are: ")
    noted = [line.partition(" | ")[2] for line in log.read_text().splitlines()]
    times = [(row["old_time"], row["new_time"]) for row in told["shards"]]
    assert noted == [
        f'action=rewind user="o\'hara" project="{PROJECT}" logstore="{LOGSTORE}" '
        f'consumer_group="{GROUP}" shard={shard} state="not confirmed" old_cursor="{old[shard]}" '
        f'old_time={times[shard][0]:.3f} new_cursor="{scene.oldest(shard)}" new_time={times[shard][1]:.3f}'
        for shard in (0, 1)
    ]


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_an_interruption_is_told_and_noted(scene: Scene, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "time", SimpleNamespace(sleep=interrupted))
    code, told = scene.rewind("-3h")
    assert (code, told["sentence"]) == (1, "it was interrupted")
    assert [row["state"] for row in told["shards"]] == ["moved"] * 2
    assert log.read_text().count('state="moved"') == 2


def test_one_of_two_moved_is_told_for_each(scene: Scene, log: Path) -> None:
    scene.sls.control.fault("ConsumerGroupUpdateCheckPoint", status=503, code="ServerBusy", skip=1)
    code, told = scene.rewind("-3h", json=False)
    assert code == 1
    assert "shard 0 moved from" in told
    assert "shard 1 NOT moved from" in told
    assert log.read_text().count("action=rewind") == 1


def test_a_log_that_cannot_be_written_costs_the_note_alone(
    scene: Scene, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.mkdir()
    code, told = scene.rewind("-3h")
    assert (code, told["sentence"][:20]) == (0, "2 of 2 checkpoints m")
    assert "which cannot be written ([Errno " in capsys.readouterr().err


ODD: list[tuple[str, str, Callable[[GroupCheckpoints], Any]]] = [
    ("ListShards", '[{"id": 1}]', lambda group: group.shards()),
    ("GetConsumerGroupCheckPoint", '{"odd": 1}', lambda group: group.rows()),
    ("GetCursor", "[]", lambda group: group.cursor(0, "end")),
    ("GetCursorTime", '{"cursor_time": "soon"}', lambda group: group.position(0, "MQ==")),
]


@pytest.mark.parametrize(("endpoint", "body", "call"), ODD)
def test_a_senseless_answer_is_told_as_such(
    scene: Scene, endpoint: str, body: str, call: Callable[[GroupCheckpoints], Any]
) -> None:
    scene.sls.control.fault(endpoint, status=200, body=body)
    with pytest.raises(RetriableError, match="SLS's answer makes no sense"):
        call(scene.checkpoints())


# -- a backfill whose window SLS does not keep any more


def finishing(scene: Scene) -> Finishing:
    times = {"cursor_start_time": str(scene.now - 3 * HOUR), "cursor_end_time": str(scene.now - HOUR)}
    access = scene.access(**times)
    end = access.settings.end
    assert end is not None
    return Finishing(access, Window(access.settings, end, SlsLogClient(access, 10)), LOG, threading.Event())


def expire(scene: Scene) -> None:
    """Behind the window a log each; SLS keeps these alone."""
    for shard in (0, 1):
        scene.traffic.put(2, shard=shard, group_size=1)
        scene.sls.control.expire(PROJECT, LOGSTORE, shard, keep_last=1)


def test_a_finished_backfill_is_over_when_sls_has_dropped_its_window_too(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    assert finishing(scene).is_over_already()
    assert not caplog.records
    expire(scene)
    assert finishing(scene).is_over_already()
    (said,) = [record.getMessage() for record in caplog.records]
    assert "SLS keeps nothing any more of what it received before" in said


def test_a_window_that_is_known_not_to_be_read_is_read_on(scene: Scene) -> None:
    scene.save(1, scene.oldest(1))  # shard 1 is not read
    assert finishing(scene).unfinished() == [1]
    assert not finishing(scene).is_over_already()
    scene.traffic.put(2, shard=0, group_size=1)
    scene.sls.control.expire(PROJECT, LOGSTORE, 0, keep_last=1)
    assert not finishing(scene).is_over_already()  # so shard 0 was not over, either, as far as is known
    assert finishing(scene).unfinished() == [0, 1]


def test_a_checkpoint_of_before_the_end_is_none_of_a_backfill_that_was_over(scene: Scene) -> None:
    with scene.hours_ago(1.5):
        scene.save_ends()
    expire(scene)
    assert not finishing(scene).is_over_already()


def test_a_shard_that_vanishes_under_a_backfill_is_announced(scene: Scene) -> None:
    later = {"cursor_start_time": "begin", "cursor_end_time": str(scene.now + HOUR)}
    client = SlsConsumerClient(
        scene.access(**later), "guid-central", LOG, threading.Event(), InputMetrics(0.2)
    )
    cursor = ends(scene.sls)[1]
    assert client.pull_logs(1, cursor).at_end
    scene.sls.control.fault("GetCursor", status=404, code="ShardNotExist", shard="1")
    batch = client.pull_logs(1, cursor)
    assert batch.gap is not None
    assert "the shard is gone" in batch.gap.reason
    with pytest.raises(LogException):
        client.pull_logs(1, cursor)
