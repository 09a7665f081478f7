"""月报 and 年报 (条例41): what has to stand in the report, as sections of sentences, tables and charts. Page and workbook show the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.inbox import labels
from app.numbers import export, figures, queries
from app.numbers import report_queries as counted
from app.numbers.asked import Asked
from app.numbers.definitions import INDICATORS, shown, value
from app.numbers.figures import Figure, Plain
from app.numbers.queries import Sums
from app.supervision import words as supervision

DASH = "—"
ARTICLE = "《信访工作条例》第四十一条第一款"
ADVICE = {"advice": "改进工作的建议", "refer": "追究责任的建议"}
TOP = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows as text and numbers; ``empty`` is said instead when there are no rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = "本期没有。"


@dataclass(slots=True)
class Section:
    title: str
    basis: str = ""
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    title: str
    bases: Sequence[Plain]
    figures: Sequence[Figure]
    sections: list[Section]


@dataclass(frozen=True, slots=True)
class Ground:
    """What several sections read: sums by kind, county and unit, of the period and of the one before."""

    session: Session
    asked: Asked
    words: dict[str, dict[str, str]]
    now: dict[str, Sums]
    before: dict[str, Sums]

    @classmethod
    def of(cls, session: Session, asked: Asked) -> Ground:
        def cuts(moved: int) -> dict[str, Sums]:
            period = asked.period.moved(moved)
            return {cut: queries.sums(session, figures.ALL_KEYS, period, cut, asked.narrow) for cut in ("kind", "county", "unit")}

        return cls(session, asked, figures.names(session), cuts(0), cuts(-1))

    def rows(self, sql: str, **parts: str) -> list[Any]:
        return counted.rows(self.session, sql, self.asked.period, self.asked.narrow, **parts)

    def unit(self, code: str) -> str:
        return self.words["unit"].get(code, code)


def make(session: Session, asked: Asked) -> Report:
    """The whole report of a month or a year."""
    ground = Ground.of(session, asked)
    bases, shown_figures = figures.totals(session, asked, ground.now["kind"])
    kind = "月报" if asked.period.kind == "month" else "年度报告"
    sections = [
        _overall(ground, bases), _fields(ground), _sent_on(ground), _advice(ground), _others(ground), _course(ground), _problems(ground),
    ]  # fmt: skip
    return Report(f"{asked.period.label}信访情况{kind}", bases, shown_figures, sections)


def _overall(g: Ground, bases: Sequence[Plain]) -> Section:
    """一: how many came, were finished, are in hand; against the period before and the same one a year ago."""
    received, finished = bases
    last_year = queries.sums(g.session, ("received", "finished"), g.asked.period.year_before(), "all", g.asked.narrow)
    in_hand = counted.open_at_end(g.session, g.asked.period, g.asked.narrow)
    said = [f"本期收件 {received.number} 件，办结 {finished.number} 件，期末在办 {in_hand} 件。"]
    said.append(f"与{g.asked.period.moved(-1).label}相比，收件{_step(received.moved)}，办结{_step(finished.moved)}。")
    if g.asked.period.kind == "month" and last_year:
        came, done = (last_year.get((key, ""), (0, 0))[0] for key in ("received", "finished"))
        said.append(f"上年同期收件 {came} 件，办结 {done} 件。")
    return Section("一、总体情况", f"{ARTICLE}第一项", said)


def _step(moved: str) -> str:
    return f" {moved} 件" if moved[:1] in "+−" else moved


def _fields(g: Ground) -> Section:
    """二: fields and the units most complained of."""
    made = Section("二、涉及领域和被反映较多的单位", f"{ARTICLE}第一项")
    made.tables = [_cut(g, "kind", "问题类型"), _cut(g, "county", "属地"), *_ways(g)]
    sources = [(r.name, r.n, r.households, r.repeats, r.open) for r in g.rows(counted.SOURCES)]
    made.tables.append(Table("被反映较多的企业", ("企业", "件数", "户数", "重复", "未办结"), sources, "本期没有被反映两次以上的企业。"))
    organs = [(r.name, r.n, r.open) for r in g.rows(counted.ORGANS)]
    made.tables.append(
        Table("被反映的本系统单位", ("单位", "件数", "未办结"), organs, "本期没有反映本系统单位的事项（检举控告不列单位）。")
    )
    made.charts = [_bars("kind", "各类问题收件", g), _bars("county", "各地收件", g)]
    return made


def _cut(g: Ground, cut: str, title: str) -> Table:
    """Received, share, against before, finished, in time, late: a line a part, the most first."""
    now, before = g.now[cut], g.before[cut]
    total = sum(num for (key, _), (num, _) in now.items() if key == "received")
    parts = [p for p, _ in figures.parts(g.session, g.asked.having(cut=cut), {part for _, part in now})]
    lines = []
    for part in parts:
        came, was = now.get(("received", part), (0, 0))[0], before.get(("received", part), (0, 0))[0]
        share = f"{100 * came / total:.1f}%" if total else DASH
        late = now.get(("late", part), (0, 0))[0]
        done = now.get(("finished", part), (0, 0))[0]
        lines.append((g.words[cut].get(part, part), came, share, figures.signed(came - was), done, _rate(now, "answer", part), late))
    lines.sort(key=lambda line: -line[1])
    return Table(
        f"按{title}",
        (title, "收件", "占比", "较上期", "办结", "按期办结率", "发生超期"),
        [x for x in lines if any(x[i] for i in (1, 4, 6))],
    )


def _ways(g: Ground) -> list[Table]:
    channels, classes = labels.facet_labels(g.session)["channel"], {"claim": "申诉求决", "suggestion": "建议意见", "accusation": "检举控告"}
    return [
        Table(f"按{title}", (title, "收件"), [(words.get(r.code, r.code), r.n) for r in g.rows(counted.WAYS, column=column)])
        for title, column, words in (("来源", "f.channel", channels), ("类别", "f.klass", classes))
    ]


def _sent_on(g: Ground) -> Section:
    """三: forwarded, assigned, supervised."""
    made = Section("三、转送、交办和督办", f"{ARTICLE}第二项")
    sent = [(g.unit(r.unit), r.sent, r.taken, r.objected, r.bounced) for r in g.rows(counted.TRANSFERS)]
    made.tables.append(Table("转送（交办）", ("承办单位", "转送（交办）", "签收", "提出异议", "交还"), sent, "本期没有转送（交办）。"))
    replied = g.now["unit"]
    matters = [(g.unit(r.unit), r.opened, r.closed, r.open, _rate(replied, "replied", r.unit)) for r in g.rows(counted.MATTERS)]
    made.tables.append(Table("督办", ("被督办单位", "立项", "销号", "期末未销号", "按期回复率"), matters, "本期没有督办。"))
    triggers = [(supervision.TRIGGERS.get(r.code, r.code), r.n) for r in g.rows(counted.TRIGGERS)]
    made.tables.append(Table("督办缘由", ("缘由", "件数"), triggers, "本期没有新立项的督办。"))
    return made


def _advice(g: Ground) -> Section:
    """四: advice and whether it was adopted."""
    by_step = {r.step: r for r in g.rows(counted.LETTERS)}
    lines = []
    for step, name in ADVICE.items():
        r = by_step.get(step)
        if r is not None:
            lines.append((name, r.sent, r.adopted, r.refused, r.sent - r.replied))
    made = Section("四、提出建议和采纳情况", f"{ARTICLE}第三项")
    made.tables.append(Table("建议", ("建议", "提出", "采纳", "未采纳", "未书面反馈"), lines, "本期没有提出改进工作、追究责任的建议。"))
    others = [(kind, by_step[s].sent, by_step[s].replied) for s, kind in supervision.KINDS.items() if s in by_step and s not in ADVICE]
    made.tables.append(Table("其他督办文书", ("文书", "发出", "已回复"), others, "本期没有发出其他督办文书。"))
    return made


def _others(g: Ground) -> Section:
    """五: ownership by leaders, early warnings, sample review."""
    led, visits = g.rows(counted.LED, owned=counted.OWNED)[0], g.rows(counted.VISITS, owned=counted.OWNED)[0]
    warned = counted.warned(g.session, g.asked.period, g.asked.narrow)
    whole = figures.whole(g.now["kind"])
    return Section(
        "五、领导包案、预警和案卷抽查", f"{ARTICLE}第四项",
        [
            f"领导包案：本期确定 {led.opened} 件，结案 {led.closed} 件，期末在办 {led.open} 件；"
            f"接访、下访 {visits.held} 次，其中包案领导本人 {visits.by_owner} 次。",
            f"预警函：发出 {warned.letters} 件，收到书面回复 {warned.answered} 件。",
            f"案卷抽查：抽查占比 {_rate(whole, 'sampled', '')}，抽查通过率 {_rate(whole, 'passed', '')}。",
        ],
    )  # fmt: skip


def _course(g: Ground) -> Section:
    """六: twelve months."""
    keys = ("received", "finished", "answer", "satisfied", "repeat")
    months, sums = figures.trend(g.session, g.asked, keys)
    codes = [f"{m:%Y-%m}" for m in months]
    lines = [(c, *(sums.get((k, c), (0, 0))[0] for k in keys[:2]), *(_rate(sums, k, c) for k in keys[2:])) for c in codes]
    flow = {"id": "report-flow", "kind": "line", "title": "近 12 个月收件与办结", "unit": "件", "labels": codes,
            "series": [{"name": name, "values": [sums.get((key, c), (0, 0))[0] for c in codes]}
                       for key, name in (("received", "收件"), ("finished", "办结"))]}  # fmt: skip
    table = Table("近 12 个月", ("月份", "收件", "办结", "按期办结率", "满意率", "重复信访率"), lines)
    return Section("六、走势", tables=[table], charts=[figures.with_words(flow)])


def _problems(g: Ground) -> Section:
    """七: what stands out, found by stated rules."""
    said = [
        *_grown(g),
        *_most(g, "unit", "late", "发生超期最多的单位"),
        *_most(g, "county", "repeat", "重复信访最多的属地"),
        *_most(g, "unit", "bounce", "退单最多的单位"),
    ]
    made = Section("七、主要问题", "按较上期增加最多的类型，发生超期、重复信访、退单最多的各前三名列出", said)
    if not said:
        made.sentences = ["本期没有较上期增加的类型，也没有超期、重复信访和退单。"]
    return made


def _grown(g: Ground) -> list[str]:
    now, before = g.now["kind"], g.before["kind"]
    kinds = {part for _, part in now}
    grown = [(now.get(("received", k), (0, 0))[0] - before.get(("received", k), (0, 0))[0], k) for k in kinds]
    top = [(more, k) for more, k in sorted(grown, key=lambda x: (-x[0], x[1]))[:TOP] if more > 0]
    if not top:
        return []
    parts = [f"{g.words['kind'].get(k, k)} {now['received', k][0]} 件（{figures.signed(more)}）" for more, k in top]
    return [f"较上期增加最多的类型：{'，'.join(parts)}。"]


def _most(g: Ground, cut: str, key: str, words: str) -> list[str]:
    unit = next(i.unit for i in INDICATORS if i.key == key)
    found = [(num, part) for (k, part), (num, _) in g.now[cut].items() if k == key and num > 0]
    top = sorted(found, key=lambda x: (-x[0], x[1]))[:TOP]
    counts = "件" if unit == "%" else unit
    return [f"{words}：{'，'.join(f'{g.words[cut].get(part, part)} {num} {counts}' for num, part in top)}。"] if top else []


def _bars(cut: str, title: str, g: Ground) -> dict[str, Any]:
    sums = g.now[cut]
    parts = sorted({p for (key, p), (num, _) in sums.items() if key == "received" and num}, key=lambda p: -sums["received", p][0])
    return figures.with_words({
        "id": f"report-{cut}", "kind": "bar", "title": title, "unit": "件", "labels": [g.words[cut].get(p, p) for p in parts],
        "series": [{"name": "收件", "values": [sums["received", p][0] for p in parts]}],
    })  # fmt: skip


def _rate(sums: Sums, key: str, part: str) -> str:
    indicator = next(i for i in INDICATORS if i.key == key)
    number = shown(indicator, value(indicator, *sums.get((key, part), (0, 0))))
    return number if number == DASH else f"{number}%"


def workbook(made: Report, as_of: str) -> bytes:
    """One sheet for the indicators, one a table."""
    book = export.Workbook()
    export.indicators(book, made.bases, made.figures, f"{made.title}　{as_of}")
    said = [(section.title, sentence) for section in made.sections for sentence in section.sentences]
    book.sheet("文字", (("部分", 26), ("内容", 110)), said, made.title)
    for section in made.sections:
        for table in section.tables:
            columns = [(name, 24 if not number else 12) for number, name in enumerate(table.columns)]
            rows = table.rows or [[table.empty]]
            book.sheet(table.title, columns, rows, f"{made.title}　{section.title}")
    return book.done()
