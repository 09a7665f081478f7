"""flask exchange …: partners, keys, and what operators do after a restore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.exchange import outbox, partners, queries, signing
from workflows.errors import WorkflowError
from workflows.handlers import Actor

exchange_cli = AppGroup("exchange", help="与其他平台交换移送文书")
OPERATOR = Actor.system("运维（命令行）")


@contextmanager
def _changing() -> Iterator[Session]:
    """A transaction; what the services refuse is told as such."""
    _settings()
    try:
        with db.transaction() as session:
            yield session
    except WorkflowError as error:
        raise click.ClickException(error.message) from error


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    if not settings.exchange_id:
        raise click.ClickException("请先设置 EXCHANGE_ID（本平台的名称，例如 huanbao-360100）。")
    return settings


@exchange_cli.command("key-new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def key_new(file: Path) -> None:
    """Make a key that signs from now on, and write FILE to hand over to partners."""
    settings = _settings()
    _hand_over(settings, signing.new_key(settings), file)


@exchange_cli.command("key-show")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def key_show(file: Path) -> None:
    """Write FILE to hand over for the key that signs now."""
    settings = _settings()
    try:
        _hand_over(settings, signing.signer(settings), file)
    except signing.Unsigned as error:
        raise click.ClickException(str(error)) from error


def _hand_over(settings: Settings, by: signing.Signer, file: Path) -> None:
    given = signing.handover(settings, by)
    file.write_text(json.dumps(given, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    click.echo(f"公钥移交文件 {file}\n密钥 {by.key_id}\n指纹（请电话核对） {given['fingerprint']}")


@exchange_cli.command("key-retire")
@click.argument("key_id")
def key_retire(key_id: str) -> None:
    """Sign with KEY_ID no more."""
    if not signing.retire(_settings(), key_id):
        raise click.ClickException(f"没有密钥 {key_id}。")
    click.echo(f"{key_id} 不再用于签名，请通知对方吊销。")


@exchange_cli.command("key-trust")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def key_trust(file: Path) -> None:
    """Trust the key in a partner's handover FILE, after its fingerprint was compared by telephone."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        with _changing() as session:
            made = partners.trust(session, given, OPERATOR)
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException("这不是公钥移交文件。") from error
    click.echo(f"已信任 {made.id}，指纹 {signing.fingerprint(made.public)}")


@exchange_cli.command("key-revoke")
@click.argument("key_id")
def key_revoke(key_id: str) -> None:
    """Refuse whatever is signed with a partner's KEY_ID from now on."""
    with _changing() as session:
        partners.revoke(session, key_id, OPERATOR)
    click.echo(f"{key_id} 已吊销。")


@exchange_cli.command("partner")
@click.argument("partner_id")
@click.argument("name")
@click.argument("url")
@click.option("--organ", "organs", multiple=True, help="在对方平台办案的机构，可以多次给出")
def partner(partner_id: str, name: str, url: str, organs: tuple[str, ...]) -> None:
    """Register another installation with its address, and who works there."""
    with _changing() as session:
        partners.add(session, partner_id, name, url, OPERATOR)
        partners.works_there(session, partner_id, organs, OPERATOR)
    click.echo(f"{partner_id} {name} {url}：{'、'.join(organs) or '没有机构'}")


@exchange_cli.command("organ-here")
@click.argument("organ")
def organ_here(organ: str) -> None:
    """ORGAN works in this installation again."""
    with _changing() as session:
        partners.works_here(session, organ, OPERATOR)
    click.echo(f"{organ} 改在本平台办案。")


@exchange_cli.command("list")
def list_partners() -> None:
    """Partners, their keys, what waits."""
    with db.transaction() as session:
        for line in queries.lines(session):
            one = line.partner
            click.echo(
                f"{one.id} {one.name} {one.url} 待送达 {line.waiting} 已送达 {line.delivered} 已收到 {line.received} {one.error or ''}"
            )
            for key in line.keys:
                click.echo(f"  {key.id} {key.algorithm} {signing.fingerprint(key.public)}")


@exchange_cli.command("again")
@click.argument("partner_id")
@click.argument("transfer_no")
@click.argument("from_seq", type=int, default=1)
def again(partner_id: str, transfer_no: str, from_seq: int) -> None:
    """Bring the letters of a transfer again from FROM_SEQ on; what the partner has it answers with the receipt it gave."""
    with _changing() as session:
        count = outbox.again(session, partner_id, transfer_no, from_seq)
    click.echo(f"{count} 份放回待送达。")


@exchange_cli.command("skip-to")
@click.argument("partner_id")
@click.argument("transfer_no")
@click.argument("seq", type=int)
@click.argument("digest")
def skip_to(partner_id: str, transfer_no: str, seq: int, digest: str) -> None:
    """After this side was restored from a backup: number on after SEQ, which the partner's comparison names with its DIGEST."""
    with _changing() as session:
        outbox.skip_to(session, partner_id, transfer_no, seq, digest)
    click.echo(f"{transfer_no} 的下一份编为第 {seq + 1} 号。")
