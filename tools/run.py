"""`make run`: set up what is missing, then hand over to the supervisor in the virtual environment. Standard library only."""

from __future__ import annotations

import os
import sys

from tools import setup
from tools.progress import Failed


def main() -> int:
    print("环信通: 准备运行 getting ready", flush=True)
    try:
        setup.ensure()
    except Failed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断, 再运行 make run 会接着做 (interrupted: the next make run goes on from here)", file=sys.stderr)
        return 130
    os.chdir(setup.ROOT)
    os.execv(setup.PYTHON, [str(setup.PYTHON), "-m", "tools.supervise"])


if __name__ == "__main__":
    sys.exit(main())
