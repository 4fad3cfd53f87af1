"""What the operating system says of a process (Linux)."""

from __future__ import annotations

import time
from pathlib import Path

_SCHEDULED = 2  # kind of clock: the time a process has run, see clock_getcpuclockid(3)


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, ended ones too: what /proc/<pid>/stat has, in nanoseconds.

    Raises OSError when the process is gone.
    """
    return time.clock_gettime((~pid << 3) | _SCHEDULED)


def peak_rss_mb(pid: int) -> float:
    """The most resident memory that the process ever had, in MB (10^6 bytes). Raises OSError when it is
    gone."""
    for row in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if row.startswith("VmHWM:"):
            return int(row.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(f"process {pid} has ended")


def machine() -> dict[str, str | int]:
    """CPU model, cores and kernel."""
    rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    release = Path("/proc/sys/kernel/osrelease").read_text(encoding="utf-8").partition("-")[0].strip()
    return {"cpu": models[0] if models else "unknown", "cores": len(models), "kernel": f"Linux {release}"}
