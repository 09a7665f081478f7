"""Organisations, people, posts, and what logging in leaves behind. A post is person × organisation × role."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from workflows.handlers import Actor
from workflows.tables import Base
from workflows.time import now

KINDS = {
    "bureau": "市局",
    "department": "内设机构、直属单位",
    "branch": "派出分局",
    "superior": "上级机关",
    "government": "人民政府",
    "police": "公安机关",
    "procuratorate": "人民检察院",
}


class Organ(Base):
    """An organisation (机构): the bureau, its departments and branches, and those it works with."""

    __tablename__ = "organ"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    short: Mapped[str]
    kind: Mapped[str]  # one of KINDS
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))  # where a role is sought next
    appeal_id: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))  # who reviews its opinions (复查机关)
    county: Mapped[str | None]
    city: Mapped[str] = mapped_column(server_default="360100")
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    parent: Mapped[Organ | None] = relationship(foreign_keys=[parent_id], remote_side=[id])
    appeal: Mapped[Organ | None] = relationship(foreign_keys=[appeal_id], remote_side=[id])
    __table_args__ = (Index(None, "parent_id"),)


class Person(UserMixin, Base):  # type: ignore[misc]  # Flask-Login carries no types
    """Somebody who works with the system. Petitioners are not here."""

    __tablename__ = "person"
    __allow_unmapped__ = True  # for login_token, which is no column
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]  # argon2id
    must_change: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    password_at: Mapped[datetime | None]
    certificate_no: Mapped[str | None]  # 执法证号
    phone: Mapped[str | None]  # office phone
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_login_at: Mapped[datetime | None]
    all_posts: Mapped[list[Post]] = relationship(back_populates="person", order_by="Post.since, Post.id")
    __table_args__ = (CheckConstraint("account = lower(account)", name="account_lower"),)

    login_token: str | None = None  # set for the length of a request: the secret of the login session

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the secret of one login session, never the person's id."""
        if self.login_token is None:
            raise RuntimeError("a person is logged in through app.accounts.login.enter only")
        return self.login_token

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def posts(self) -> list[Post]:
        """The posts held now, at organisations that still exist."""
        moment = now()
        return [post for post in self.all_posts if post.is_current(moment)]

    def holder_keys(self) -> frozenset[str]:
        """The holders whose tasks wait for this person: the person, and each post's pool."""
        return frozenset({f"p:{self.id}", *(f"o:{post.organ_id}:{post.role}" for post in self.posts)})

    def has_role(self, role: str, organ: str | None = None) -> bool:
        """Does the person hold the role (at that organisation, if one is named)?"""
        return any(post.role == role and organ in (None, post.organ_id) for post in self.posts)

    def home(self) -> Organ | None:
        """The organisation of the person's first post: where what they do is recorded."""
        return self.posts[0].organ if self.posts else None

    def actor(self) -> Actor:
        """How this person appears in the trail."""
        home = self.home()
        return Actor(self.id, self.name, home.id if home else None)


class Post(Base):
    """A person's role at an organisation (岗位), with the word on the door (职务)."""

    __tablename__ = "post"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    role: Mapped[str]  # id in roles.ROLES
    title: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    person: Mapped[Person] = relationship(back_populates="all_posts")
    organ: Mapped[Organ] = relationship()
    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "organ_id", "role"),
        Index("uq_post_open", "person_id", "organ_id", "role", unique=True, postgresql_where=text("until is null")),
    )

    def is_current(self, moment: datetime) -> bool:
        """Held at that moment, at an organisation that still exists."""
        return self.since <= moment and (self.until is None or self.until > moment) and self.organ.active


class Secretary(Base):
    """A person prepares for a leader (代办): what they do is shown 甲代乙, what the law leaves to the leader stays the leader's."""

    __tablename__ = "secretary"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_secretary_open", "person_id", "leader_id", unique=True, postgresql_where=text("until is null")),
        Index(None, "leader_id"),
    )


class LoginSession(Base):
    """One browser that is logged in. The cookie carries the secret, the row its hash only; revoking is one UPDATE."""

    __tablename__ = "login_session"
    id: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the secret
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ip: Mapped[str | None]
    agent: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]  # logout | idle | self | password | admin
    person: Mapped[Person] = relationship()
    __table_args__ = (Index(None, "person_id", "last_seen_at"),)


class LoginThrottle(Base):
    """Failed logins of one account or one address. In the database, so that a restart forgives nothing."""

    __tablename__ = "login_throttle"
    key: Mapped[str] = mapped_column(primary_key=True)  # a:<hash of the account typed> | i:<address>
    failures: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
