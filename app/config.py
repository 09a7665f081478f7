"""Settings: from the environment, with defaults that run on a bare machine. Nothing is read when the module is imported."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One object for web, worker and command line. Names of environment variables are the field names in capitals."""

    model_config = SettingsConfigDict(extra="ignore")

    instance: Path = ROOT / "instance"  # database cluster, files, secret: everything that must be kept
    database_url: str | None = None  # without it: the embedded cluster in ``instance``
    secret_key: str = ""  # without it: made once and kept in ``instance``
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = Field(default=2, ge=1)
    web_threads: int = Field(default=8, ge=1)
    city: str = "360100"
    upload_mb: int = Field(default=60, ge=1)  # a whole request
    file_mb: int = Field(default=50, ge=1)  # one file
    organ_name: str = "南昌市生态环境局"
    warn_days: int = Field(default=3, ge=0)  # a clock turns amber this many days before it is due
    trusted_hosts: str = ""  # comma-separated; empty: any host name
    https: bool = False  # behind TLS: secure cookies and HSTS
    proxies: int = Field(default=0, ge=0)  # reverse proxies whose X-Forwarded-* headers are believed
    idle_minutes: int = Field(default=30, ge=1)
    demo: bool = True  # fill an empty database with demo people and a demo month
    log_json: bool = False
    testing: bool = False

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def embedded(self) -> bool:
        """True where the database is the program's own cluster."""
        return not self.database_url

    @property
    def sqlalchemy_url(self) -> str:
        """The address SQLAlchemy connects to, always through psycopg 3."""
        if self.database_url:
            scheme, _, rest = self.database_url.partition("://")
            return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url
        from app.postgres import Cluster

        return Cluster(self.instance).url()

    @property
    def files(self) -> Path:
        """Where uploaded files lie, outside anything a web server serves."""
        return self.instance / "files"


def load(**changes: object) -> Settings:
    """The settings of this process, with the instance folder and the secret in place."""
    settings = Settings(**changes)  # type: ignore[arg-type]
    settings.instance.mkdir(parents=True, exist_ok=True)
    if not settings.secret_key:
        settings.secret_key = _kept_secret(settings.instance / "secret_key")
    return settings


def _kept_secret(path: Path) -> str:
    """Read the secret, or make it; two processes starting at once agree on one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if kept := path.read_text().strip():
            return kept
        handle = os.open(path, os.O_WRONLY | os.O_TRUNC)
    secret = secrets.token_hex(32)
    with os.fdopen(handle, "w") as out:
        out.write(secret)
    return secret
