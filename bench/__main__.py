"""Every figure of docs/performance.md, one JSON line each."""

from __future__ import annotations

from bench import engine, inbox, step

engine.main()
step.main()
inbox.main()
