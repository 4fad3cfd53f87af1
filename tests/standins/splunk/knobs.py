"""Switches for every point where only a real Splunk instance could say what splunkd does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Knobs:
    """Plausible behaviours of splunkd; the defaults are the likeliest, or else the least kind, ones.

    Each comment says what is known about the point: *documented*, *inferred* or *unknown*. Any field may be
    changed while the stand-in runs; a process that is already running keeps what it was started with.

    Not emulated, so without a switch: persistent queues for modular inputs, `param_list` in the run document,
    the wire format of persistent REST handlers, and everything that is particular to Windows.
    """

    # --- starting a process -----------------------------------------------------------------------------
    #: Working directory: "app_bin" (`<app>/bin`), or an absolute path such as "/". Unknown; default inferred.
    cwd: str = "app_bin"
    #: "full": SPLUNK_*, PATH, LD_LIBRARY_PATH, OPENSSL_CONF, ...; "minimal": SPLUNK_HOME and PATH only.
    #: The full list is partly documented, partly inferred.
    environment: str = "full"
    #: Where the stanza does not set `start_by_shell`: "none", "sh", "bash", or "sh_stays" (a shell that waits
    #: for its child instead of replacing itself). Documented for [script] only; unknown for modular inputs.
    shell: str = "none"
    #: Extra interpreter flags, for example ("-S",). Unknown.
    python_flags: tuple[str, ...] = ()
    #: Look into `linux_x86_64/bin` before `bin`. Documented for the directory, inferred for the order.
    arch_dir_first: bool = True
    #: Order in which script names are tried. Inferred.
    script_extensions: tuple[str, ...] = (".sh", ".py", "")
    #: Order of the parameters of a stanza: True sorted by name (observed in dumps), False reversed.
    params_sorted: bool = True
    #: Seconds until a `--scheme` call is killed; None = never. Unknown.
    introspection_timeout: float | None = 30.0
    #: Seconds until a `--validate-arguments` call is killed with SIGKILL; None = never. 30 s observed in 7.3.
    validation_timeout: float | None = 30.0

    # --- stopping a process -----------------------------------------------------------------------------
    #: Signals in the order sent, each followed by the grace period; () = SIGKILL at once. Inferred.
    stop_signals: tuple[str, ...] = ("SIGTERM",)
    #: Seconds between a stop signal and the next one, or SIGKILL. Unknown.
    stop_grace: float = 10.0
    #: Like stop_grace, when the whole splunkd stops; None = the same. Unknown.
    shutdown_grace: float | None = None
    #: Who is signalled: "pid" (the direct child only) or "group" (its process group). Inferred.
    stop_target: str = "pid"
    #: True: splunkd closes its end of stdout before it signals. Unknown.
    stop_closes_pipe_first: bool = False

    # --- starting again ---------------------------------------------------------------------------------
    #: After a run that failed: "next_tick" (inferred), "after_delay" or "never". Unknown.
    restart_after_failure: str = "next_tick"
    #: Seconds for "after_delay", and between two runs of an input with interval 0. Unknown.
    restart_delay: float = 0.0
    #: Start a single-instance script again when it ends. Unknown.
    single_instance_restart: bool = False
    #: Used where the stanza has no interval, as documented for scripted inputs (seconds).
    default_interval: str = "60"
    #: An edited stanza's new process starts before the old one has ended. Unknown; seen with shell starts.
    edit_overlap: bool = False

    # --- reading stdout ---------------------------------------------------------------------------------
    #: "literal" (an <event> is an event; observed for one-line data), "unbroken" (LINE_BREAKER and TRUNCATE
    #: of the sourcetype apply to unbroken data), "all" (they apply to every <event>).
    line_breaking: str = "literal"
    #: Where the time comes from: "element" (<time> wins) or "extraction" (props.conf decides). Unknown.
    time_from: str = "element"
    #: Most decimals of a second in <time>; None = any. Client libraries write three; more is unknown.
    time_decimals: int | None = 3
    #: Which records with a CR or LF inside are a problem: "all", "unbroken" or "none".
    newline_check: str = "all"
    #: After XML that does not parse: "lose_rest" (of this run), "skip_event" (resume at the next <event>),
    #: "drop_char" (remove bytes that XML forbids) or "kill_input". Unknown; the default is the least kind.
    malformed_xml: str = "lose_rest"
    #: Largest event in bytes of UTF-8, longer ones are cut; None = no limit. Unknown.
    max_event_bytes: int | None = None
    #: Event whose stanza attribute names no stanza of this run: "keep" (with defaults) or "drop". Unknown.
    unknown_stanza: str = "keep"
    #: Event for an index that does not exist: "drop" (indexer without lastChanceIndex), "keep" (forwarded).
    unknown_index: str = "drop"
    #: Event with no or empty <data>: "drop" (inferred) or "keep".
    empty_data: str = "drop"
    #: While queues are blocked: True stop reading (inferred), False read on and hold everything in memory.
    stop_reading_when_blocked: bool = True
    #: Bytes per read(2) of a pipe. Unknown.
    read_bytes: int = 65536
    #: Capacity of the stdout pipe in bytes; None = the kernel's default of 64 KiB. Inferred.
    pipe_bytes: int | None = None

    # --- session keys (kept by the REST side) -----------------------------------------------------------
    #: Seconds until a session key given to a process is refused with 401; None = lives as long as splunkd.
    session_key_ttl: float | None = None
    #: Keys handed out before a restart of splunkd still work after it. Unknown.
    session_keys_survive_restart: bool = False

    # --- apps ---------------------------------------------------------------------------------------------
    #: Files of an installed app that the package laid over it no longer has: True they stay (documented in
    #: upgrade notes of Splunk's own add-ons), False they go, as with a deployment server that spares local/.
    upgrade_keeps_old_files: bool = True

    # --- of the stand-in only ---------------------------------------------------------------------------
    #: "sqlite" keeps the events; "count" parses and checks them but only counts them (for benchmarks);
    #: "tap" parses and checks them and hands the rows to the callable of SplunkServer.tap(); "bytes"
    #: parses nothing and hands what was read to that of SplunkServer.tap_bytes(), which costs little.
    store: str = "sqlite"
    #: Recognise events in the usual layout without expat, which gives the same result faster.
    fast_lane: bool = True
    #: Write the DEBUG lines of ExecProcessor into splunkd.log.
    exec_debug: bool = True

    # --- REST -------------------------------------------------------------------------------------------
    #: Calls after which a session key given to a process is refused with 401; None = no limit. Unknown.
    session_key_expires_after_calls: int | None = None
    #: False: enabling and disabling inputs of `data/inputs` is refused with 403, as for a role without the
    #: capability (text observed). Whether the key of an input's process may do it is unknown.
    inputs_switchable: bool = True
    #: False: KV store endpoints answer 503, as they do while the KV store starts (observed).
    kvstore_ready: bool = True
    #: Seconds that every listing of storage/passwords takes.
    passwords_delay: float = 0.0
    #: Seconds until a REST handler's child process is killed; None = never. Unknown.
    handler_timeout: float | None = 60.0
