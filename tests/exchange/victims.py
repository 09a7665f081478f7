"""One installation as real processes made to be killed: a web server and a worker with its courier. Started by test_two.py.

The parent imports everything once and forks a child for each order it reads (``web`` or ``worker``), so that a round costs no start-up.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from datetime import datetime

from flask import Flask
from werkzeug.serving import make_server

from app import create_app, db
from app.config import Settings
from app.worker import run
from workflows import time as clock_time


def serve(app: Flask, port: int) -> None:
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    given = json.loads(sys.argv[1])
    clock_time.set_now(datetime.fromisoformat(given["now"]))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app, port = create_app(Settings(**given["settings"])), int(given["port"])
    with app.app_context():
        db.dispose()
    say("ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if line.strip() == "web":
                serve(app, port)
            else:
                run(threading.Event(), app)
        say(f"pid {pid}")


if __name__ == "__main__":
    main()
