"""The database for a single command: ``flask …`` works whether or not `make run` is up.

Where the embedded database is not running, the command starts it, holds the instance while it works, and stops it again.
"""

from __future__ import annotations

import atexit
from typing import Any

import click
from flask import Flask
from flask.signals import appcontext_pushed

from app.config import Settings
from app.instance_lock import Busy, InstanceLock
from app.postgres import Cluster, ClusterError


def init_app(app: Flask, settings: Settings) -> None:
    """Only on the command line and only when a command really runs; a web server never starts a database."""
    if settings.embedded and click.get_current_context(silent=True) is not None:
        appcontext_pushed.connect(_started, app)


def _started(app: Flask, **_: Any) -> None:
    appcontext_pushed.disconnect(_started, app)
    settings: Settings = app.extensions["settings"]
    cluster, lock = Cluster(settings.instance), InstanceLock(settings.instance)
    try:
        lock.take()
    except Busy:
        return  # the supervisor runs, and so does its database
    try:
        cluster.start()
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    atexit.register(_stop, cluster, lock)


def _stop(cluster: Cluster, lock: InstanceLock) -> None:
    cluster.stop()
    lock.release()
