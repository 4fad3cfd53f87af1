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


def resident_mb(pid: int, what: str = "VmRSS") -> float:
    """Resident MB (10^6 bytes) of a process; `what` VmHWM: the most it ever had. Raises as the file does."""
    return megabytes(Path(f"/proc/{pid}/status"), what)


def megabytes(path: Path, what: str) -> float:
    """The row `what` of a process's file, in MB (10^6 bytes). Raises ProcessLookupError when it has none."""
    rows = dict(row.split(":", 1) for row in path.read_text().splitlines() if ":" in row)
    if what not in rows:
        raise ProcessLookupError(f"{path} knows no {what}: the process has ended")
    return int(rows[what].split()[0]) * 1024 / 1e6


def machine() -> dict[str, str | int]:
    """CPU model, cores and kernel."""
    rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    release = Path("/proc/sys/kernel/osrelease").read_text(encoding="utf-8").partition("-")[0].strip()
    return {"cpu": models[0] if models else "unknown", "cores": len(models), "kernel": f"Linux {release}"}
