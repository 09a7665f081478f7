"""`make reset`: remove the instance folder after asking. Standard library only."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = {"pg", "pg.new", "files", "metrics", "secret_key", "run.lock", "log", "imports"}


def main() -> int:
    instance = Path(os.environ.get("INSTANCE") or ROOT / "instance").expanduser().absolute()
    if not instance.is_dir():
        print(f"没有 {instance}, 不用清理 (nothing to remove)")
        return 0
    if not any((instance / name).exists() for name in OURS):
        print(f"{instance} 里没有环信通的数据, 不删除 (this does not look like an instance folder: left alone)", file=sys.stderr)
        return 1
    with (instance / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("环信通正在运行, 请先停止 (it is running: stop it first)", file=sys.stderr)
            return 1
        if os.environ.get("FORCE") != "1" and not _agreed(instance):
            print("没有删除 (nothing was removed)")
            return 1
        shutil.rmtree(instance)
    print(f"已删除 removed: {instance}")
    return 0


def _agreed(instance: Path) -> bool:
    print(f"将删除 {instance} 里的全部数据: 数据库, 材料, 密钥. 不能恢复. (removes database, files and secret for good)")
    try:
        return input("输入 yes 继续 (type yes): ").strip().lower() in {"yes", "y", "是"}
    except EOFError:
        return False


if __name__ == "__main__":
    sys.exit(main())
