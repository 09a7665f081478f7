"""Which account PostgreSQL runs under. It refuses root, so a run as root hands it to an account without rights."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ACCOUNT = "embedded_postgres"


class NoAccount(RuntimeError):
    """Nobody to run the database as; the message says what to do."""


class ServerAccount:
    """Runs the programs in ``programs`` on the data in ``data``: as ourselves, or as ``ACCOUNT`` when we are root."""

    def __init__(self, programs: Path, data: Path) -> None:
        self.programs = programs
        self.entry = _entry() if os.geteuid() == 0 else None
        self.hidden = self.entry is not None and (_hidden(programs) or _hidden(data))

    def give(self, path: Path) -> None:
        """Make ``path`` the account's."""
        if self.entry:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)

    def arguments(self) -> dict[str, Any]:
        """For subprocess: who to run as. With ``setpriv`` in the command the change happens there."""
        if self.entry is None or self.hidden:
            return {}
        return {"user": self.entry.pw_uid, "group": self.entry.pw_gid, "extra_groups": []}

    def command(self, command: list[str]) -> list[str]:
        """The command as the account can run it.

        Where program or data lie in a folder only root may enter (/root, say), the account gets the one capability to look in there.
        Opening that folder to every account of the machine would change more than was asked for.
        """
        if self.entry is None or not self.hidden:
            return command
        for capability in ("dac_read_search", "dac_override"):
            prefix = self._with(capability)
            if shutil.which("setpriv") and not subprocess.run([*prefix, command[0], "--version"], capture_output=True).returncode:
                return [*prefix, *command]
        raise NoAccount(
            f"项目所在的目录只有 root 能进入, 数据库账户 {ACCOUNT} 打不开; 请把项目移到 /opt 或 /srv, 或用普通用户运行\n"
            "only root can enter the project's folder, so the database cannot run from it: move it to /opt or /srv, or run as a user"
        )

    def _with(self, capability: str) -> list[str]:
        assert self.entry is not None
        who = [f"--reuid={self.entry.pw_uid}", f"--regid={self.entry.pw_gid}", "--clear-groups"]
        what = [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}", f"--bounding-set=-all,+{capability}"]
        return ["setpriv", *who, *what, "--pdeathsig", "INT"]


def _entry() -> pwd.struct_passwd:
    """The account, made when it is missing; ``nobody`` where accounts cannot be made.

    One process at a time: of two that make it at once (two test processes on a new machine) the second could read an entry the
    first has not finished, and run the server under a user id that nobody has a moment later.
    """
    with Path(tempfile.gettempdir(), "hxt-account.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _made()


def _made() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        if shutil.which("useradd"):
            subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True)
    for name in (ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoAccount("没有可用的系统账户来运行数据库, 请用普通用户运行 (no account to run PostgreSQL as: run as an ordinary user)")


def _hidden(path: Path) -> bool:
    """True where other accounts cannot walk to ``path``."""
    return any(parent.exists() and not parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
