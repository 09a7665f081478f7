"""Every figure of docs/performance.md, one JSON line each; ``python -m bench ledger numbers`` measures only those."""

from __future__ import annotations

import sys

from bench import confinement, engine, inbox, ledger, numbers, step

PARTS = {"engine": engine, "step": step, "inbox": inbox, "ledger": ledger, "numbers": numbers, "confinement": confinement}

for name in sys.argv[1:] or PARTS:
    PARTS[name].main()
