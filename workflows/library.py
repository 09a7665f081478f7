"""The library of procedures: a folder under ``bpmn/`` read, checked, versioned by content and kept ready to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from lxml import etree
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from . import library_fixes, yamltext
from . import time as clock_time
from .errors import NotFound
from .forms import Form
from .parser import Parser, prepare
from .tables import Definition, Instance

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
HUMAN = {"userTask", "manualTask", "task"}
SUFFIXES = (".bpmn", ".dmn", ".yaml")


@dataclass(frozen=True)
class Element:
    """What the diagram says of one node, beyond its flow."""

    id: str
    process: str
    kind: str
    label: str
    role: str | None
    org: str | None
    item: str | None  # the variable of a multi-instance task
    file: str


@dataclass(frozen=True)
class Flow:
    id: str
    process: str
    source: str
    target: str
    label: str


@dataclass(frozen=True)
class MessageRule:
    """One row of messages.yaml: what becomes of a thrown message of that name."""

    name: str
    label: str
    starts: str | None
    catches: tuple[str, ...]
    holds: bool
    closes_link: bool
    absent: str  # wait | late | file
    item_label: str | None
    closable_by: str | None
    payload: dict[str, str]
    joins: bool = False  # a second one joins the open item of the case
    own_file: bool = False  # what it starts gets a case of its own, or joins the living one the app names
    addressee: str | None = None  # the payload's name of the case it is sent to
    carried: bool = False  # the app carries it to another organ: it knows whose file that is, here or elsewhere
    matches: dict[str, str] = field(default_factory=dict)  # payload name → variable that must say the same where it is caught


@dataclass(frozen=True)
class Slot:
    """One row of clocks.yaml: a clock of the case that diagrams and forms name."""

    name: str
    label: str
    rules: tuple[dict[str, Any], ...]
    chase: str | None
    right: bool  # somebody may act until then; at its due moment it lapses and nobody is late
    grace: str | None  # rule added before a right lapses
    spec: dict[str, Any]


@dataclass
class Procedure:
    """One version of one folder."""

    name: str
    version: str
    files: dict[str, str]
    label: str = ""
    attributes: dict[str, str] = field(default_factory=dict)  # what the case's tasks are addressed by, and its word for people
    forms: dict[str, Form] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    messages: dict[str, MessageRule] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    process_files: dict[str, str] = field(default_factory=dict)
    calls: dict[str, dict[str, str]] = field(default_factory=dict)  # process → call activity → called process
    _specs: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)

    def specs(self, process: str) -> tuple[Any, dict[str, Any]]:
        """The parsed diagram, once per version; never stored with a case."""
        if process not in self._specs:
            if process not in self.process_files:
                raise NotFound(f"流程 {self.name} 里没有 {process}。")
            spec, subspecs = self._parser.get_spec(process), self._parser.get_subprocess_specs(process)
            prepare(spec, subspecs)
            self._specs[process] = (spec, subspecs)
        return self._specs[process]

    def process_label(self, process: str) -> str:
        """What people call one of its processes: the name in the diagram."""
        return str(self.specs(process)[0].description or process)

    @cached_property
    def _parser(self) -> Any:
        parser = Parser()
        for name, text in self.files.items():
            if name.endswith(".dmn"):
                parser.add_dmn_str(text.encode(), name)
        for name, text in self.files.items():
            if name.endswith(".bpmn"):
                parser.add_bpmn_str(text.encode(), name)
        return parser

    @cached_property
    def initial_data(self) -> dict[str, Any]:
        """Values that are there from the start: ``initial``, or the ``setting`` of settings.yaml."""
        out = {n: v["initial"] for n, v in self.variables.items() if "initial" in v}
        out.update({n: self.settings[v["setting"]]["value"] for n, v in self.variables.items() if "setting" in v})
        return out

    @cached_property
    def flow_ids(self) -> dict[tuple[str, str], str]:
        """(source, target) → flow id; element ids are unique within a folder."""
        return {(f.source, f.target): f.id for f in self.flows}

    def form(self, element: str) -> Form:
        form = self.forms.get(element)
        if form is None:
            form = self.forms[element] = Form.parse(element, {"label": self.elements[element].label})
        return form


def content_version(files: dict[str, str]) -> str:
    """Hash over names and contents: the same folder is the same version, on any machine."""
    h = hashlib.blake2b(digest_size=8)
    for name in sorted(files):
        h.update(name.encode() + b"\0" + files[name].encode() + b"\0")
    return h.hexdigest()


def read_folder(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir()) if p.suffix in SUFFIXES}


def process_ids(file: str, text: str) -> list[str]:
    """The processes a file draws."""
    if not file.endswith(".bpmn"):
        return []
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    return [p.get("id", "") for p in root.iter(BPMN + "process")]


def messages_taken(files: dict[str, str]) -> set[str]:
    """The messages a folder starts something by, or catches."""
    rules = [_message(k, v) for k, v in _yaml(files, "messages.yaml").items()]
    return {r.name for r in rules if r.starts or r.catches or r.closes_link}


def load(name: str, files: dict[str, str]) -> Procedure:
    """Files → procedure; the checks of ``check`` are not repeated here."""
    library_fixes.install()
    p = Procedure(name, content_version(files), files)
    for file, text in files.items():
        if file.endswith(".bpmn"):
            _read_diagram(p, file, text)
    p.forms = {k: Form.parse(k, v) for file in form_files(files) for k, v in _yaml(files, file).items()}
    p.slots = {k: _slot(k, v) for k, v in (_yaml(files, "clocks.yaml").get("slots") or {}).items()}
    p.messages = {k: _message(k, v) for k, v in _yaml(files, "messages.yaml").items()}
    p.variables = _yaml(files, "variables.yaml")
    p.settings = _yaml(files, "settings.yaml")
    about = _yaml(files, "procedure.yaml")
    p.label, p.attributes = str(about.get("label", name)), dict(about.get("attributes") or {})
    return p


def form_files(files: Iterable[str]) -> list[str]:
    """forms.yaml, or one file a pool: forms_police.yaml …"""
    return sorted(name for name in files if name.startswith("forms") and name.endswith(".yaml"))


def _yaml(files: dict[str, str], name: str) -> dict[str, Any]:
    return (yamltext.load(files[name]) or {}) if name in files else {}


def _slot(name: str, v: dict[str, Any]) -> Slot:
    return Slot(name, v.get("label", name), tuple(v.get("rules") or ()), v.get("chase"), v.get("kind") == "right", v.get("grace"), v)


def _message(name: str, v: dict[str, Any]) -> MessageRule:
    catches = v.get("catches") or ()
    item = v.get("item") or {}
    return MessageRule(
        name=name,
        label=v.get("label", name),
        starts=v.get("starts"),
        catches=(catches,) if isinstance(catches, str) else tuple(catches),
        holds=v.get("holds") in ("closing", True),
        closes_link=bool(v.get("closes_link")),
        absent=v.get("absent", "file"),
        item_label=item.get("label"),
        closable_by=item.get("closable_by"),
        payload=v.get("payload") or {},
        joins=v.get("joins") == "case",
        own_file=v.get("file") == "own",
        addressee=v.get("addressee"),
        carried=v.get("carrier") == "app",
        matches=v.get("matches") or {},
    )


def _read_diagram(p: Procedure, file: str, text: str) -> None:
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    for process in root.iter(BPMN + "process"):
        pid = process.get("id", "")
        p.process_files[pid] = file
        for node in process.iter(etree.Element):
            if not isinstance(node.tag, str) or not node.tag.startswith(BPMN):
                continue
            kind = node.tag[len(BPMN) :]
            if kind == "sequenceFlow":
                flow = Flow(node.get("id", ""), pid, node.get("sourceRef", ""), node.get("targetRef", ""), node.get("name", ""))
                p.flows.append(flow)
            elif kind.endswith(("Task", "Event", "Gateway", "task")) or kind in ("subProcess", "callActivity"):
                p.elements[node.get("id", "")] = _element(node, kind, pid, file)
                if kind == "callActivity":
                    p.calls.setdefault(pid, {})[node.get("id", "")] = node.get("calledElement", "")


def _element(node: Any, kind: str, process: str, file: str) -> Element:
    props = {e.get("name"): e.get("value") for e in node.findall(f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property")}
    loop = node.find(BPMN + "multiInstanceLoopCharacteristics")
    item = None
    if loop is not None:
        ref = loop.find(BPMN + "inputDataItem")
        item = ref.get("id") if ref is not None else None
    return Element(node.get("id"), process, kind, node.get("name") or node.get("id"), props.get("role"), props.get("org"), item, file)


class Library:
    """Every deployed version, parsed once per process and shared by all its steps."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._by_version: dict[str, Procedure] = {}
        self._current: dict[str, str] = {}  # process id → version
        self._starts: dict[str, MessageRule] = {}  # message → the row of the procedure it starts

    def folders(self) -> list[Path]:
        return sorted(p for p in self.root.iterdir() if p.is_dir() and any(p.glob("*.bpmn")))

    def deploy(self, session: Session, *, only: str | None = None) -> list[tuple[str, str, bool]]:
        """Store what the folders hold now: (name, version, is new). Running cases stay on the version they began with."""
        out = []
        for folder in self.folders():
            if only and folder.name != only:
                continue
            files = read_folder(folder)
            version = content_version(files)
            known = session.get(Definition, version)
            if known is None or not known.current:
                session.execute(update(Definition).where(Definition.name == folder.name, Definition.current).values(current=False))
            if known is None:
                session.add(Definition(version=version, name=folder.name, files=files, deployed_at=clock_time.now(), current=True))
            else:
                known.current = True
            session.flush()
            out.append((folder.name, version, known is None))
        self.forget_current()
        return out

    def version(self, session: Session, version: str) -> Procedure:
        p = self._by_version.get(version)
        if p is None:
            row = session.get(Definition, version)
            if row is None:
                raise NotFound(f"没有版本为 {version} 的流程定义。")
            p = self._by_version[version] = load(row.name, row.files)
        return p

    def current(self, session: Session, process: str) -> Procedure:
        """The deployed procedure that holds ``process``; raises NotFound."""
        found = self.find(session, process)
        if found is None:
            raise NotFound(f"没有部署名为 {process} 的流程，请运行 flask procedures deploy。")
        return found

    def find(self, session: Session, process: str) -> Procedure | None:
        version = self._current.get(process)
        if version is None:
            self._refresh(session)
            version = self._current.get(process)
        return self.version(session, version) if version else None

    def _refresh(self, session: Session) -> None:
        for version in session.scalars(select(Definition.version).where(Definition.current).order_by(Definition.name)):
            procedure = self.version(session, version)
            for process in procedure.process_files:
                self._current[process] = version
        for procedure in self.procedures(session):
            self._starts.update({r.name: r for r in procedure.messages.values() if r.starts in procedure.process_files})

    def processes(self, session: Session) -> list[str]:
        """Every process that may be started now."""
        if not self._current:
            self._refresh(session)
        return list(self._current)

    def procedures(self, session: Session) -> list[Procedure]:
        """The procedures deployed now, by name."""
        if not self._current:
            self._refresh(session)
        found = [self.version(session, version) for version in set(self._current.values())]
        return sorted(found, key=lambda p: p.name)

    def starting(self, session: Session, message: str) -> MessageRule | None:
        """The row of the deployed procedure that a message of that name starts; the receiver's row, not the sender's."""
        if not self._current:
            self._refresh(session)
        return self._starts.get(message)

    def of_case(self, session: Session, case_id: UUID) -> list[Procedure]:
        """The versions whose instances run or ran on a case, that of its main path first."""
        query = select(Instance.version).where(Instance.case_id == case_id).order_by(Instance.link_id.is_not(None), Instance.started_at)
        return [self.version(session, version) for version in dict.fromkeys(session.scalars(query))]

    def slots_of(self, session: Session, case_id: UUID) -> dict[str, Slot]:
        """The clock slots of a case: names are a procedure's own, so two procedures may use the same."""
        out: dict[str, Slot] = {}
        for procedure in reversed(self.of_case(session, case_id)):
            out.update(procedure.slots)
        return out

    def forget_current(self) -> None:
        """After another process deployed: look again at the next start."""
        self._current.clear()
        self._starts.clear()


def uuid_or_none(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except (TypeError, ValueError):
        return None
