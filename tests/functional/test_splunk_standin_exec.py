"""The process side of the Splunk stand-in against tiny real inputs: good ones and every kind of bad one."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.functional.toy_inputs import APP, SESSION_KEY, Rig, alive, eventually, script
from tests.standins.splunk.introspect import validate_arguments
from tests.standins.splunk.knobs import Knobs

ONE = "[toy://a]\nword = good\ninterval = 60\n"
ONCE = "[toy://a]\nword = good\ninterval = -1\n"
FOREVER = "say('<stream>')\nevent('started')\nwhile True: time.sleep(0.05)"
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOREVER


def rig(tmp_path: Path, body: str, inputs: str = ONCE, knobs: Knobs | None = None, **options: object) -> Rig:
    return Rig(tmp_path, script(body, **options), inputs, knobs)  # type: ignore[arg-type]


# -- starting


def test_a_good_input_delivers_its_event_with_the_defaults_of_its_stanza(tmp_path: Path) -> None:
    with rig(tmp_path, "say('<stream>')\nevent('a &lt;b&gt; é')\nsay('</stream>')") as toy:
        eventually(lambda: toy.info().state == "done")
        (event,) = toy.store.events()
        assert (event.raw, event.time, event.index, event.host) == ("a <b> é", 1700000000.5, "main", "hf1")
        assert (event.source, event.sourcetype) == ("toy://a", "toy")
        assert (event.stanza, event.pid) == ("toy://a", toy.info().pid)
        assert toy.store.problems.all() == []


def test_stdin_holds_the_document_of_this_stanza_only_and_ends(tmp_path: Path) -> None:
    body = f"open({str(tmp_path / 'stdin.xml')!r}, 'wb').write(text)"
    with rig(
        tmp_path, body, '[toy]\nzeta = 1\n[toy://a]\nword = x<&"y\ninterval = -1\n[toy://b]\ndisabled = 1\n'
    ) as toy:
        eventually(lambda: toy.info().state == "done")
    assert (tmp_path / "stdin.xml").read_text() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<input>\n  <server_host>hf1</server_host>\n'
        f"  <server_uri>https://127.0.0.1:8089</server_uri>\n  <session_key>{SESSION_KEY}</session_key>\n"
        f"  <checkpoint_dir>{tmp_path}/var/lib/splunk/modinputs/toy</checkpoint_dir>\n  <configuration>\n"
        f'    <stanza name="toy://a" app="{APP}">\n      <param name="host">$decideOnStartup</param>\n'
        '      <param name="index">default</param>\n      <param name="interval">-1</param>\n'
        '      <param name="word">x&lt;&amp;"y</param>\n      <param name="zeta">1</param>\n'
        "    </stanza>\n  </configuration>\n</input>\n"
    )
    assert (tmp_path / "var/lib/splunk/modinputs/toy").is_dir()


@pytest.mark.parametrize("shell", ["none", "sh", "bash", "sh_stays"])
@pytest.mark.parametrize("cwd", ["app_bin", "/"])
def test_every_way_to_start_runs_the_input(tmp_path: Path, shell: str, cwd: str) -> None:
    body = "say('<stream>')\nevent(os.getcwd())"
    knobs = Knobs(cwd=cwd, shell=shell, environment="minimal")
    with rig(tmp_path, body, knobs=knobs) as toy:
        eventually(lambda: toy.raws() == [cwd if cwd == "/" else str(toy.app_dir / "bin")])


def test_the_session_key_is_on_stdin_and_nowhere_else(tmp_path: Path) -> None:
    body = f"say('<stream>')\nevent({SESSION_KEY!r} in repr(sys.argv) + repr(dict(os.environ)))"
    with rig(tmp_path, body) as toy:
        eventually(lambda: toy.raws() == ["False"])
        assert SESSION_KEY not in toy.log_text()


# -- introspection and validation


def test_a_script_that_prints_junk_on_scheme_is_not_registered(tmp_path: Path) -> None:
    with closing(Rig(tmp_path, script("pass") + "\nprint('debug')\n", ONE)) as toy:
        assert toy.introspect() == {}
        assert f'Unable to initialize modular input "toy" defined in the app "{APP}"' in toy.log_text()


def test_a_script_that_fails_on_scheme_leaves_its_traceback_in_the_log(tmp_path: Path) -> None:
    with closing(Rig(tmp_path, "import nothing_like_this\n", ONE)) as toy:
        assert toy.introspect() == {}
        assert "<stderr> Introspecting scheme=toy:  ModuleNotFoundError" in toy.log_text()
        assert "script running failed (exited with code 1)" in toy.log_text()


@pytest.mark.parametrize(("word", "answer"), [("good", None), ("x", "word is x <bad>")])
def test_validation_accepts_or_gives_the_reason(tmp_path: Path, word: str, answer: str | None) -> None:
    assert _validate(tmp_path, word, Knobs()) == answer


def test_a_validator_that_hangs_is_killed_at_the_limit(tmp_path: Path) -> None:
    assert "time limit" in str(_validate(tmp_path, "slow", Knobs(validation_timeout=0.5)))


def _validate(tmp_path: Path, word: str, knobs: Knobs) -> str | None:
    with closing(rig(tmp_path, "pass", ONE, knobs)) as toy:
        scheme = toy.introspect()["toy"]
        params = {"word": word}
        return validate_arguments(scheme, "n", params, "k", "https://h:1", toy.runner, tmp_path, toy.log)


# -- reading


def test_stderr_lines_become_log_entries_with_their_level(tmp_path: Path) -> None:
    body = "os.write(2, b'WARN careful\\nplain \\x1b[0m\\nDEBUG last')"
    with rig(tmp_path, body) as toy:
        eventually(lambda: toy.info().state == "done")
    lines = [line for line in toy.log_text().splitlines() if "message from" in line]
    assert [line.split()[3] for line in lines] == ["WARN", "ERROR", "DEBUG"]
    assert [line.split('toy.py" ')[1] for line in lines] == ["careful", "plain \\x1b[0m", "last"]


def test_control_characters_cost_the_rest_of_the_run(tmp_path: Path) -> None:
    with rig(tmp_path, "say('<stream>')\nevent('one')\nevent('t\\x01wo')\nevent('three')") as toy:
        eventually(lambda: toy.info().state == "done")
        assert toy.raws() == ["one"]
        assert toy.store.problems.counts["control_char"] == 1
    assert "StandInReader" in toy.log_text()


def test_stray_prints_are_a_problem(tmp_path: Path) -> None:
    with rig(
        tmp_path, "say('<stream>')\nevent('one')\nsay('hello')\nevent('two')\nsay('</stream>bye')"
    ) as toy:
        eventually(lambda: toy.info().state == "done")
        assert toy.raws() == ["one", "two"]
        assert set(toy.store.problems.counts) == {"stray_text", "malformed_xml"}


def test_malformed_xml_may_kill_the_input(tmp_path: Path) -> None:
    with rig(tmp_path, "say('<stream>& ')\ntime.sleep(60)", knobs=Knobs(malformed_xml="kill_input")) as toy:
        eventually(lambda: toy.info().exit_code == -signal.SIGKILL)


def test_an_event_cut_by_the_end_of_the_process_is_lost(tmp_path: Path) -> None:
    with rig(tmp_path, "say('<stream>')\nevent('one')\nsay('<event><data>tw')") as toy:
        eventually(lambda: toy.info().state == "done")
        assert (toy.raws(), set(toy.store.problems.counts)) == (["one"], {"cut_event"})


def test_an_index_that_does_not_exist_swallows_the_event(tmp_path: Path) -> None:
    with rig(tmp_path, "say('<stream>')\nevent('x', rest='<index>nope</index>')\nevent('y')") as toy:
        eventually(lambda: toy.info().state == "done")
        assert (toy.raws(), toy.store.problems.counts["unknown_index"]) == (["y"], 1)


def test_a_blocked_queue_blocks_the_writer_and_loses_nothing(tmp_path: Path) -> None:
    done = tmp_path / "done"
    body = f"say('<stream>')\nfor i in range(300): event('%06d' % i * 200)\nopen({str(done)!r}, 'w')"
    with rig(tmp_path, body, "[toy://a]\ndisabled = 1\n") as toy:
        toy.inputs.pause_reading()
        toy.edit("a", disabled="0", interval="-1")
        eventually(lambda: toy.state() == "running")
        pid = toy.info().pid
        eventually(lambda: "pipe_write" in Path(f"/proc/{pid}/wchan").read_text() or _sleeping(pid))
        assert not done.exists()
        assert toy.raws() == []
        toy.inputs.resume_reading()
        eventually(lambda: toy.info().state == "done")
        assert len(toy.raws()) == 300
        assert done.exists()


def _sleeping(pid: int | None) -> bool:
    """Blocked in a system call that has moved data: the pipe is full."""
    written = Path(f"/proc/{pid}/io").read_text().split("wchar: ")[1].split()[0]
    return int(written) >= 60_000


def test_simple_mode_takes_lines(tmp_path: Path) -> None:
    with rig(tmp_path, "say('one\\r\\ntwo\\n\\nthree')", mode="simple") as toy:
        eventually(lambda: toy.info().state == "done")
        assert toy.raws() == ["one", "two", "three"]


# -- scheduling


def test_interval_zero_starts_again_at_once_whatever_the_exit_code(tmp_path: Path) -> None:
    with rig(tmp_path, "sys.exit(1)", "[toy://a]\ninterval = 0\n") as toy:
        eventually(lambda: toy.info().runs >= 3)


def test_a_failed_run_waits_for_the_next_tick(tmp_path: Path) -> None:
    with rig(tmp_path, "sys.exit(3)", "[toy://a]\ninterval = 3600\n") as toy:
        eventually(lambda: toy.info().exit_code == 3)
        assert (toy.info().runs, toy.info().state) == (1, "waiting")


def test_a_run_is_not_started_twice_and_the_log_says_so(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, "[toy://a]\ninterval = 0.2\n") as toy:
        eventually(lambda: "Not added to run queue" in toy.log_text())
        assert toy.info().runs == 1


def test_a_grandchild_that_holds_stdout_keeps_the_run_alive(tmp_path: Path) -> None:
    body = "say('<stream>')\np = subprocess.Popen(['sleep', '60'])\nevent(p.pid)"
    with rig(tmp_path, body, ONE) as toy:
        eventually(lambda: len(toy.raws()) == 1)
        pid, grandchild = toy.info().pid, int(toy.raws()[0])
        assert pid is not None
        eventually(lambda: not alive(pid))
        assert toy.info().state == "running"
        assert alive(grandchild)
        toy.inputs.stop()
        assert alive(grandchild)
        assert toy.inputs.kill_leftovers() == [pid]
        eventually(lambda: not alive(grandchild))


def test_single_instance_gets_all_enabled_stanzas_in_one_process(tmp_path: Path) -> None:
    body = "say('<stream>')\nfor name in names: event(name, name)\nevent('nobody')\nsay('</stream>')"
    inputs = "[toy://a]\nsource = sa\n[toy://b]\n[toy://c]\ndisabled = true\n"
    with rig(tmp_path, body, inputs, single=True) as toy:
        eventually(lambda: toy.info("b").state == "done")
        rows = [(e.raw, e.source, e.stanza) for e in toy.store.events()]
        assert toy.info("a").pid == toy.info("b").pid
        assert rows == [
            ("toy://a", "sa", "toy://a"),
            ("toy://b", "toy://b", "toy://b"),
            ("nobody", "toy", "toy"),
        ]
        assert set(toy.store.problems.counts) == {"missing_stanza"}


# -- stopping and editing


def test_stop_sends_sigterm_and_accepts_the_unclosed_stream(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, ONE) as toy:
        eventually(lambda: toy.raws() == ["started"])
        toy.inputs.stop()
        assert (toy.info().exit_code, toy.info().state) == (-signal.SIGTERM, "stopped")
        assert toy.store.problems.all() == []


def test_an_input_that_ignores_sigterm_is_killed_after_the_grace_period(tmp_path: Path) -> None:
    with rig(tmp_path, STUBBORN, ONE, Knobs(stop_grace=0.2)) as toy:
        eventually(lambda: toy.raws() == ["started"])
        toy.inputs.stop()
        assert toy.info().exit_code == -signal.SIGKILL
    assert "did not exit within a given grace period" in toy.log_text()


def test_without_stop_signals_it_is_killed_at_once(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, ONE, Knobs(stop_signals=())) as toy:
        eventually(lambda: toy.raws() == ["started"])
        toy.inputs.stop()
        assert toy.info().exit_code == -signal.SIGKILL


def test_a_shell_that_stays_takes_the_signal_and_leaves_an_orphan(tmp_path: Path) -> None:
    body = "say('<stream>')\nevent(os.getpid())\nwhile True: time.sleep(0.05)"
    with rig(tmp_path, body, ONE, Knobs(shell="sh_stays", stop_grace=5.0)) as toy:
        eventually(lambda: len(toy.raws()) == 1)
        child = int(toy.raws()[0])
        assert child != toy.info().pid
        toy.inputs.stop()
        assert alive(child)
        toy.inputs.kill_leftovers()
        eventually(lambda: not alive(child))


def test_disable_stops_only_that_input_and_enable_starts_it_again(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, "[toy://a]\n[toy://b]\n") as toy:
        eventually(lambda: len(toy.raws()) == 2)
        other = toy.info("b").pid
        toy.edit("a", disabled="1")
        eventually(lambda: toy.state("a") == "stopped")
        assert (toy.state("b"), toy.info("b").pid) == ("running", other)
        toy.edit("a", disabled="0")
        eventually(lambda: len(toy.raws()) == 3)
        assert toy.info("a").runs == 2


LEAVES_SLOWLY = """
note = {notes!r} + "/%d" % os.getpid()
say('<stream>')
event(len(os.listdir({notes!r})))
open(note, 'w').close()
def leave(*_):
    time.sleep(0.3)
    os.unlink(note)
    os._exit(0)
signal.signal(signal.SIGTERM, leave)
event('ready')
while True: time.sleep(0.05)
"""


def test_an_edit_restarts_the_input_after_the_old_process_is_gone(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with rig(tmp_path, LEAVES_SLOWLY.format(notes=str(tmp_path / "notes")), ONE) as toy:
        eventually(lambda: toy.raws() == ["0", "ready"])
        toy.edit("a", word="new")
        eventually(lambda: len(toy.raws()) == 4)
        assert toy.raws() == ["0", "ready", "0", "ready"]


def test_with_overlap_the_new_process_starts_while_the_old_one_is_stopping(tmp_path: Path) -> None:
    body = STUBBORN.replace("'started'", "os.getpid()")
    with rig(tmp_path, body, ONE, Knobs(edit_overlap=True, stop_grace=3.0)) as toy:
        eventually(lambda: len(toy.raws()) == 1)
        toy.edit("a", word="new")
        eventually(lambda: len(toy.raws()) == 2)
        assert all(alive(int(raw)) for raw in toy.raws())
        toy.knobs.stop_grace = 0.1


def test_a_deleted_stanza_disappears(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, "") as toy:
        toy.edit("a", word="x")
        eventually(lambda: toy.raws() == ["started"])
        toy.conf.delete(APP, "inputs", "toy://a")
        toy.inputs.changed("toy", "toy://a")
        eventually(lambda: toy.state() == "absent")


WRITES_UNTIL_EPIPE = """
say('<stream>')
event('started')
try:
    while True:
        event('x')
        time.sleep(0.02)
except BrokenPipeError:
    open({note!r}, 'w').close()
"""


def test_killed_splunkd_sends_no_signal_but_the_pipe_breaks(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with rig(tmp_path, WRITES_UNTIL_EPIPE.format(note=str(note)), ONE) as toy:
        eventually(lambda: "started" in toy.raws())
        toy.inputs.kill()
        eventually(note.exists)


def test_close_pipe_and_signals_reach_the_running_input(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, "[toy://a]\ninterval = 3600\n") as toy:
        eventually(lambda: toy.raws() == ["started"])
        toy.inputs.signal_input("toy://a", signal.SIGKILL)
        eventually(lambda: toy.info().exit_code == -signal.SIGKILL)
        with pytest.raises(ProcessLookupError):
            toy.inputs.signal_input("toy://a", signal.SIGTERM)
        with pytest.raises(KeyError):
            toy.inputs.signal_input("toy://zzz", signal.SIGTERM)


def test_a_reload_starts_stops_and_restarts_only_what_differs(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, "[toy://a]\n[toy://b]\n") as toy:
        eventually(lambda: len(toy.raws()) == 2)
        kept = toy.info("b").pid
        for disabled, state in (("1", "stopped"), ("0", "running")):
            toy.conf.write(APP, "inputs", "toy://a", {"disabled": disabled})
            toy.inputs.changed("toy", None)
            eventually(lambda state=state: toy.state("a") == state)  # type: ignore[misc]
        assert (toy.state("b"), toy.info("b").pid) == ("running", kept)


def test_everything_runs_again_after_stop_and_start(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER, ONE) as toy:
        eventually(lambda: toy.raws() == ["started"])
        toy.inputs.stop()
        toy.inputs.start()
        eventually(lambda: toy.raws() == ["started"] * 2)


def test_stop_waits_for_a_process_that_an_edit_has_replaced(tmp_path: Path) -> None:
    body = STUBBORN.replace("'started'", "os.getpid()")
    with rig(tmp_path, body, ONE, Knobs(edit_overlap=True, stop_grace=0.5)) as toy:
        eventually(lambda: len(toy.raws()) == 1)
        toy.edit("a", word="new")
        eventually(lambda: len(toy.raws()) == 2)
        toy.inputs.stop()
        assert not any(alive(int(raw)) for raw in toy.raws())
