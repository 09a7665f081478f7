"""Facts of the machine a figure was measured on, and CPU seconds of this process and of a PostgreSQL server's process tree."""

from __future__ import annotations

import os
import platform
import resource
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")


def facts() -> dict[str, Any]:
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else ""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def own_cpu() -> float:
    """Seconds of CPU this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tree_cpu(pid: int) -> float:
    """Seconds of CPU a process and all below it have used, ended children included (/proc)."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        here = int(entry.name)
        children.setdefault(int(fields[1]), []).append(here)
        seconds[here] = sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICK
    total, todo = 0.0, [pid]
    while todo:
        p = todo.pop()
        total += seconds.get(p, 0.0)
        todo.extend(children.get(p, []))
    return total
