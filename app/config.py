"""Settings: from the environment, with defaults that run on a bare machine. Nothing is read when the module is imported."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

Role = Literal["web", "worker", "owner"]  # as whom the program meets the database


class Settings(BaseSettings):
    """One object for web, worker and command line. Names of environment variables are the field names in capitals."""

    model_config = SettingsConfigDict(extra="ignore")

    instance: Path = ROOT / "instance"  # database cluster, files, secret: everything that must be kept
    database_url: str | None = None  # the web processes' role; without it: the embedded cluster in ``instance``
    database_owner_url: str | None = None  # owns the tables, migrates; without it: as DATABASE_URL
    database_worker_url: str | None = None  # worker and commands, sees everything; without it: as the owner
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
    exchange_id: str = ""  # the name this installation signs under; empty: no exchange with others (docs/exchange.md)
    exchange_signer: str = ""  # module:factory of a signing device; empty: the newest key file in ``instance``
    exchange_lease_seconds: float = Field(default=60, gt=0)  # a partner one worker is at is left alone by others so long
    exchange_retry_seconds: float = Field(default=2, gt=0)  # the first pause after a failure; it doubles up to five minutes
    exchange_chunk_mb: int = Field(default=8, ge=1, le=32)
    exchange_material_mb: int = Field(default=2048, ge=1)  # all files of one letter
    demo: bool = True  # fill an empty database with demo people and a demo month
    log_json: bool = False
    testing: bool = False

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _owner_first(self) -> Self:
        """A worker of its own makes sense only where the owner is another role than web."""
        if self.database_owner_url and not self.database_url:
            raise ValueError("设置了 DATABASE_OWNER_URL, 也要设置 DATABASE_URL (give the address of the web role, too)")
        if self.database_worker_url and not self.database_owner_url:
            raise ValueError("设置了 DATABASE_WORKER_URL, 也要设置 DATABASE_OWNER_URL (give the address of the owner, too)")
        return self

    @property
    def embedded(self) -> bool:
        """True where the database is the program's own cluster."""
        return not self.database_url

    def url(self, role: Role) -> str:
        """The address SQLAlchemy connects to as ``role``, always through psycopg 3."""
        if not self.database_url:
            from app.postgres import Cluster

            return Cluster(self.instance).urls()[{"web": "database_url"}.get(role, f"database_{role}_url")]
        owner = self.database_owner_url or self.database_url
        given = {"web": self.database_url, "worker": self.database_worker_url or owner, "owner": owner}[role]
        scheme, _, rest = given.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else given

    @property
    def sqlalchemy_url(self) -> str:
        """The address of the web processes' role."""
        return self.url("web")

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
