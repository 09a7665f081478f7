"""Database, web and worker under one roof: started in order, watched, stopped together.

1. take the instance folder and the port, so that a second run says so before it touches anything
2. start the database (unless DATABASE_URL names one), bring tables, organisations, procedures and demo in
3. start web and worker; one that dies is started again, one that keeps dying stops everything with a message
4. Ctrl-C, SIGTERM or SIGHUP: web and worker finish what they are at, then the database stops
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from app import config
from app.instance_lock import Busy, InstanceLock
from app.postgres import Cluster, ClusterError
from tools.children import Child, how
from tools.progress import Failed, part

POLL_SECONDS = 0.2
READY_SECONDS = 60.0
FAREWELL_SECONDS = 15.0


class Stop(Exception):
    """Somebody asked us to end."""


class Supervisor:
    """One run from start to end; ``close`` undoes whatever ``open`` got to."""

    def __init__(self, settings: config.Settings) -> None:
        self.settings = settings
        self.logs = settings.instance / "log"
        self.lock = InstanceLock(settings.instance)
        self.cluster = Cluster(settings.instance) if settings.embedded else None
        self.listener: socket.socket | None = None
        self.children: list[Child] = []

    # --- starting -----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        self.lock.take()
        self.listener = listen(self.settings.host, self.settings.port)
        if self.cluster:
            with part("数据库 PostgreSQL"):
                self.cluster.start()
        self._prepare()
        self._start(Child("网页服务 web", self._web(), self._environment(), (self.listener.fileno(),), self.logs / "web.log"))
        self._start(Child("后台服务 worker", ["flask", "worker"], self._environment(), log=self.logs / "worker.log"))

    def _prepare(self) -> None:
        """Tables, organisations, procedures, demo: a process of its own, so that its memory is not kept."""
        child = Child("准备 preparation", ["flask", "prepare"], self._environment())
        self.children.append(child)
        child.start()
        while (status := child.ended()) is None:
            time.sleep(0.05)
        self.children.remove(child)
        if status:
            raise Failed(f"准备没有完成 ({how(status)}), 原因见上; 再运行 make run 会接着做 (not ready, see above)")

    def _start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def _web(self) -> list[str]:
        assert self.listener is not None
        size = ["--workers", str(self.settings.web_workers), "--threads", str(self.settings.web_threads), "--worker-class", "gthread"]
        quiet = ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "10", "--timeout", "120"]
        return ["gunicorn", "--bind", f"fd://{self.listener.fileno()}", *size, *quiet, "app:create_app()"]

    def _environment(self) -> dict[str, str]:
        metrics = self.settings.instance / "metrics"
        if not self.children:
            shutil.rmtree(metrics, ignore_errors=True)
            metrics.mkdir(parents=True)
        return {"INSTANCE": str(self.settings.instance), "PROMETHEUS_MULTIPROC_DIR": str(metrics), "FLASK_APP": "app"}

    # --- running ------------------------------------------------------------------------------------------------------

    def greet(self) -> None:
        """Wait for the first page, then say where it is and who may log in."""
        accounts = subprocess.Popen(
            [sys.executable, "-m", "flask", "demo", "accounts"],
            cwd=config.ROOT,
            env=self._full_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        with part("网页 web pages"):
            self._await_page()
        said, _ = accounts.communicate()
        if self.settings.demo and said.strip():
            print(said.rstrip())
        print(f"\n环信通已启动 is running: http://{self._shown_host()}:{self.settings.port}/   (Ctrl-C 停止 to stop)")
        print(f"日志 logs: {self.logs}", flush=True)

    def _full_environment(self) -> dict[str, str]:
        return {**os.environ, **self._environment()}

    def _shown_host(self) -> str:
        host = self.settings.host
        return "127.0.0.1" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host

    def _await_page(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            self.look_after()
            with contextlib.suppress(OSError), socket.create_connection((self._shown_host().strip("[]"), self.settings.port), 5) as page:
                page.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                if b" 200 " in page.recv(64):
                    return
            time.sleep(0.1)
        raise Failed(f"网页服务 {READY_SECONDS:.0f} 秒内没有响应 (the pages did not answer in time)")

    def look_after(self) -> None:
        """Start again what died; give up on what keeps dying."""
        self._look_after_database()
        for child in self.children:
            if (status := child.ended()) is None:
                continue
            if not child.may_restart():
                raise Failed(f"{child.name} 反复退出 ({how(status)}), 全部停止 (it keeps ending: everything stops)\n{child.last_words()}")
            print(f"{child.name} 意外退出 ({how(status)}), 重新启动 (ended, starting it again)", flush=True)
            child.start()

    def _look_after_database(self) -> None:
        if self.cluster is None or self.cluster.process is None or (status := self.cluster.process.poll()) is None:
            return
        print(f"数据库意外退出 ({how(status)}), 重新启动 (the database ended, starting it again)", flush=True)
        end = time.monotonic() + 30
        while True:
            try:
                self.cluster.start()  # refused until the last of the old server's processes has gone
                return
            except ClusterError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def watch(self) -> None:
        while True:
            self.look_after()
            time.sleep(POLL_SECONDS)

    # --- ending -------------------------------------------------------------------------------------------------------

    def close(self) -> bool:
        """Children first, together; then the database; then port and folder are free. False where nothing had been started."""
        something = bool(self.children) or (self.cluster is not None and self.cluster.process is not None)
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.see_off(FAREWELL_SECONDS)
        if self.cluster:
            self.cluster.stop()
        if self.listener:
            self.listener.close()
        self.lock.release()
        return something


def listen(host: str, port: int) -> socket.socket:
    """The port, taken by us and handed to the web processes: a restarted one misses no request."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except PermissionError as error:
        raise Failed(f"端口 {port} 需要管理员权限, 请换一个: PORT=8000 make run (this port needs root, choose another)") from error
    except socket.gaierror as error:
        raise Failed(f"HOST={host} 不是本机地址 (not an address of this machine)") from error
    except OSError as error:
        raise Failed(
            f"端口 {port} 已被别的程序占用, 请停止它或换一个端口: PORT={port + 1} make run\n"
            f"port {port} is taken: stop what uses it, or choose another, e.g. PORT={port + 1} make run ({error.strerror})"
        ) from error
    listener.listen(512)
    listener.set_inheritable(True)
    return listener


def main() -> int:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    supervisor: Supervisor | None = None
    try:
        supervisor = Supervisor(load_settings())
        supervisor.open()
        supervisor.greet()
        supervisor.watch()
        return 0
    except Stop:
        print("\n正在停止 stopping …", flush=True)
        return 0
    except (Failed, Busy, ClusterError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave the database behind
        if supervisor is not None and supervisor.close():
            print("已停止 stopped", flush=True)


def load_settings() -> config.Settings:
    """The environment's settings; what is wrong in them is told by name."""
    try:
        return config.load()
    except ValueError as error:
        raise Failed(f"环境变量不对 a setting in the environment is wrong:\n{error}") from error
    except OSError as error:
        raise Failed(f"打不开目录 cannot use the INSTANCE folder: {error.filename}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
