"""Draws each default view: numbers in, an SVG picture out. Nothing is read here but the colours (seeds/report).

Every picture is 440 units wide so that its text stays readable on a telephone. Nothing is shown by colour alone: the
council's own mark also has a bold name and an arrow, a figure that is set aside has a dashed outline, and steps up and
down carry their sign.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from orchestration.home import project_folder

WIDTH = 440
MOST_NAMED = 25  # With more, the names would be unreadable: the bars are upright and only the council is named.
SIZE = 13
ROW = 21  # The height of one named bar.
QUADRANTS_HIGH = 300  # The height of a picture of two figures.
N_STACKS = 50  # Into how many steps of value the councils of a spread are stacked.


@dataclass(frozen=True)
class Bar:
    """One council's value in a ranking; ``is_set_aside`` draws it hollow and dashed."""

    name: str
    value: float
    is_own: bool = False
    is_set_aside: bool = False


@dataclass(frozen=True)
class Level:
    """A reference line across a picture, such as the mean of the peers."""

    label: str
    value: float


@dataclass(frozen=True)
class Pair:
    """A council's value and its peers' on one scale."""

    label: str
    own: float
    peers: float
    is_set_aside: bool = False


@dataclass(frozen=True)
class Point:
    """A value of a series; points with another ``piece`` are not joined, since the definition changed between them."""

    series: str
    year: str
    value: float
    piece: str


@dataclass(frozen=True)
class Step:
    """A step of a waterfall: the change it makes, or a level where it is a total."""

    label: str
    change: float
    is_total: bool = False


@dataclass(frozen=True)
class Spine:
    """A council among its peers, all as per cent above or below their mean."""

    label: str
    own: float | None
    lowest: float
    highest: float
    q1: float
    q3: float
    is_set_aside: bool = False


@dataclass(frozen=True)
class Span:
    """An amount and its range."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """People in one band of weekly price; None where the number is not shown."""

    setting: str
    label: str
    people: int | None


@dataclass(frozen=True)
class Place:
    """A council's place by two figures."""

    name: str
    across: float
    up: float
    is_own: bool = False


@dataclass(frozen=True)
class Lever:
    """A saving that a council reports; ``status`` is in words, and what is not achieved is drawn hollow and dashed."""

    name: str
    value: float
    status: str
    is_achieved: bool


@functools.cache
def colours() -> dict[str, str]:
    with (project_folder() / "seeds" / "report" / "colour.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["hex"] for row in csv.DictReader(file)}


@functools.cache
def _altair() -> object:
    """altair, without its check of every part of a chart against the schema: that takes longer than drawing it."""
    import altair
    from altair.utils import schemapi

    schemapi.DEBUG_MODE = False
    return altair


def ranked_bars(bars: Sequence[Bar], levels: Sequence[Level], axis: str, label: str) -> str:
    """Councils from the lowest to the highest, the own one marked, and the reference lines."""
    ordered = sorted(bars, key=lambda bar: (bar.value, bar.name))
    if len(ordered) > MOST_NAMED:
        return _svg(_upright_bars(ordered, levels, axis), label, 260)
    return _svg(_named_bars(ordered, levels, axis), label, ROW * len(ordered) + 20 * bool(levels))


def _named_bars(bars: Sequence[Bar], levels: Sequence[Level], axis: str) -> dict[str, object]:
    alt = _altair()

    base = alt.Chart(_values(_bar_rows(bars)))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt, [bar.name for bar in bars if bar.is_own]))
    values = alt.X("value:Q", title=axis, scale=alt.Scale(domain=_domain(bars, levels), nice=False), axis=_scale(alt))
    marks = base.mark_bar(height=15).encode(y=names, x=values, **_bar_looks(alt))
    texts = base.mark_text(align="left", dx=4).encode(y=names, x=alt.X("value:Q"), text=alt.Text("text:N"))
    return _layered(marks, *_level_rules(alt, levels, "x"), texts)


def _upright_bars(bars: Sequence[Bar], levels: Sequence[Level], axis: str) -> dict[str, object]:
    alt = _altair()

    rows = _bar_rows(bars)
    base = alt.Chart(_values(rows))
    places = alt.X(
        "place:O",
        title=counted_councils(bars),
        axis=alt.Axis(labels=False, ticks=False),
        scale=alt.Scale(paddingInner=0.1),
    )
    values = alt.Y("value:Q", title=axis, scale=alt.Scale(domain=_domain(bars, levels), nice=False), axis=_scale(alt))
    marks = base.mark_bar().encode(x=places, y=values, **_bar_looks(alt, thin=True))
    own = alt.Chart(_values([row | {"text": f"▼ {row['name']}"} for row in rows if row["own"]]))
    align = "right" if any(row["own"] and row["place"] > 0.6 * len(rows) for row in rows) else "left"
    named = own.mark_text(dy=-8, fontWeight="bold", align=align).encode(
        x=places, y=alt.Y("value:Q"), text=alt.Text("text:N")
    )
    return _layered(marks, *_level_rules(alt, levels, "y"), named)


def counted_councils(bars: Sequence[Bar]) -> str:
    """How many councils are compared, and how many more are drawn without being compared; page.js says the same."""
    aside = sum(bar.is_set_aside for bar in bars)
    return f"{len(bars) - aside} councils, lowest first" + (f", and {aside} set aside (dashed)" if aside else "")


def _bar_rows(bars: Sequence[Bar]) -> list[dict[str, object]]:
    return [
        {
            "name": bar.name,
            "place": place,
            "value": bar.value,
            "own": bar.is_own,
            "aside": bar.is_set_aside,
            "text": f"{short(bar.value)}{' set aside' * bar.is_set_aside}{' ◄' * bar.is_own}",
        }
        for place, bar in enumerate(bars)
    ]


def _bar_looks(alt: object, thin: bool = False) -> dict[str, object]:
    """How a bar looks: dark for the own council, hollow and dashed where its figure is set aside."""
    looks = colours()
    fill = alt.FillValue(
        looks["peer"],
        condition=[{"test": "datum.aside", "value": looks["paper"]}, {"test": "datum.own", "value": looks["own"]}],
    )
    return {
        "fill": fill,
        "stroke": alt.StrokeValue(looks["outline"]),
        "strokeWidth": alt.StrokeWidthValue(0.4 if thin else 0.8),
        "strokeDash": alt.StrokeDashValue([1, 0], condition={"test": "datum.aside", "value": [3, 2]}),
    }


def _level_rules(alt: object, levels: Sequence[Level], side: str) -> list[object]:
    """Reference lines, each dashed in its own way and named at its end."""
    layers = []
    for number, level in enumerate(sorted(levels, key=lambda level: level.value)):
        chart = alt.Chart(_values([{"value": level.value, "text": level.label}]))
        rule = chart.mark_rule(strokeDash=[[6, 3], [2, 2]][number % 2], strokeWidth=1.5, color=colours()["second"])
        is_first = number == 0 and len(levels) > 1
        if side == "x":
            name = chart.mark_text(
                color=colours()["second"],
                fontWeight="bold",
                fontSize=SIZE - 2,
                dy=-7 - 13 * number,
                dx=-4 if is_first else 4,
                align="left",
                baseline="bottom",
            )
            layers += [
                rule.encode(x=alt.X("value:Q")),
                name.encode(x=alt.X("value:Q"), y=alt.YValue(0), text=alt.Text("text:N")),
            ]
        else:
            name = chart.mark_text(
                color=colours()["second"],
                fontWeight="bold",
                fontSize=SIZE - 2,
                dx=2,
                align="left",
                dy=12 if is_first else -7,
            )
            layers += [
                rule.encode(y=alt.Y("value:Q")),
                name.encode(x=alt.XValue(0), y=alt.Y("value:Q"), text=alt.Text("text:N")),
            ]
    return layers


def spread(marks: Sequence[Bar], levels: Sequence[Level], axis: str, label: str) -> str:
    """Every council as one mark, those of like value stacked, with the quartiles as lines."""
    alt = _altair()

    values = [mark.value for mark in marks]
    low, high = min(values), max(values)
    width = (high - low) / N_STACKS or 1.0
    heights: dict[int, int] = {}
    rows = []
    for mark in sorted(marks, key=lambda mark: mark.value):
        at = int((mark.value - low) / width)
        heights[at] = heights.get(at, 0) + 1
        rows.append({"value": low + (at + 0.5) * width, "place": heights[at], "name": mark.name})
    tallest = max(heights.values())
    across = alt.X("value:Q", title=axis, scale=alt.Scale(zero=False), axis=_scale(alt))
    up = alt.Y(
        "place:Q",
        title="councils",
        scale=alt.Scale(domain=[0, tallest + 1]),
        axis=alt.Axis(tickCount=3, format="d", grid=False, domain=False),
    )
    dots = alt.Chart(_values(rows)).mark_circle(size=34, opacity=1, color=colours()["own"]).encode(x=across, y=up)
    lines = alt.Chart(_values([{"value": level.value, "dash": level.label} for level in levels]))
    rules = lines.mark_rule(color=colours()["second"], strokeWidth=1.5).encode(
        x=alt.X("value:Q"),
        strokeDash=alt.StrokeDash(
            "dash:N",
            sort=None,
            legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeColor=colours()["second"]),
            scale=alt.Scale(domain=[level.label for level in levels], range=[[2, 2], [1, 0], [6, 3]][: len(levels)]),
        ),
    )
    return _svg(_layered(dots, rules), label, max(60, min(240, 8 * tallest + 20)))


def against_peers(pairs: Sequence[Pair], axis: str, label: str) -> str:
    """A council's values joined to its peers' by a line: a square for the council, a ring for the peers."""
    alt = _altair()

    rows = [{"name": pair.label, "own": pair.own, "peers": pair.peers, "text": short(pair.own)} for pair in pairs]
    chart = alt.Chart(_values(rows))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt))
    join = chart.mark_rule(color=colours()["outline"], strokeWidth=2).encode(
        y=names, x=alt.X("own:Q", title=axis, axis=_scale(alt)), x2=alt.X2("peers:Q")
    )
    peers = chart.mark_point(
        shape="circle", size=90, filled=True, fill=colours()["paper"], stroke=colours()["outline"], strokeWidth=2
    ).encode(y=names, x=alt.X("peers:Q"))
    own = chart.mark_point(shape="square", size=100, filled=True, color=colours()["own"]).encode(
        y=names, x=alt.X("own:Q")
    )
    texts = chart.mark_text(dy=-11, fontWeight="bold").encode(y=names, x=alt.X("own:Q"), text=alt.Text("text:N"))
    return _svg(_layered(join, peers, own, texts), label, 34 * len(rows))


def indexed_lines(points: Sequence[Point], axis: str, label: str, is_index: bool = True) -> str:
    """Series over the years. No line crosses a change of definition; a dotted upright marks the year it begins."""
    alt = _altair()

    years = [point.year for point in points]
    order = [f"{year}-{(year + 1) % 100:02d}" for year in range(int(min(years)[:4]), int(max(years)[:4]) + 1)]
    names = list(dict.fromkeys(point.series for point in points))
    looks = [colours()["own"], colours()["second"], colours()["outline"]][: len(names)]
    chart = alt.Chart(_values([point.__dict__ | {"line": f"{point.series} {point.piece}"} for point in points]))
    at = alt.X(
        "year:O",
        title="financial year",
        scale=alt.Scale(domain=order),
        axis=alt.Axis(labelAngle=-90, labelOverlap=True),
    )
    value = alt.Y("value:Q", title=axis, axis=_scale(alt), scale=alt.Scale(zero=not is_index))
    legend = alt.Legend(title=None, orient="top", direction="vertical", labelLimit=400)
    colour = alt.Color("series:N", sort=None, scale=alt.Scale(domain=names, range=looks), legend=legend)
    dash = alt.StrokeDash(
        "series:N", sort=None, legend=None, scale=alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 2]][: len(names)])
    )
    shape = alt.Shape(
        "series:N",
        sort=None,
        legend=legend,
        scale=alt.Scale(domain=names, range=["square", "circle", "triangle-up"][: len(names)]),
    )
    lines = chart.mark_line(strokeWidth=2).encode(
        x=at, y=value, color=colour, strokeDash=dash, detail=alt.Detail("line:N")
    )
    marks = chart.mark_point(size=55, filled=True).encode(x=at, y=value, color=colour, shape=shape)
    starts = _starts_of_pieces(points)
    layers = [lines, marks]
    if starts:
        breaks = alt.Chart(_values([{"year": year, "text": "definition changes"} for year in starts]))
        layers += [
            breaks.mark_rule(strokeDash=[2, 3], color=colours()["outline"]).encode(x=alt.X("year:O")),
            breaks.mark_text(angle=270, align="left", dy=-6, fontSize=SIZE - 2).encode(
                x=alt.X("year:O"), y=alt.YValue(225), text=alt.Text("text:N")
            ),
        ]
    return _svg(_layered(*layers), label, 230)


def _starts_of_pieces(points: Sequence[Point]) -> list[str]:
    """The first year of every piece but the first of all."""
    firsts = {
        piece: min(point.year for point in points if point.piece == piece)
        for piece in {point.piece for point in points}
    }
    return sorted(set(firsts.values()) - {min(firsts.values())})


def waterfall(steps: Sequence[Step], axis: str, label: str) -> str:
    """From one level to another by steps; each step carries its sign, so that colour says nothing alone."""
    alt = _altair()

    rows, level = [], 0.0
    for step in steps:
        low, level = (0.0, step.change) if step.is_total else (level, level + step.change)
        kind = "own" if step.is_total else "more" if step.change >= 0 else "less"
        rows.append(
            {
                "name": step.label,
                "low": low,
                "high": level,
                "fill": colours()[kind],
                "text": short(step.change) if step.is_total else f"{step.change:+z,.1f}",
                "end": max(low, level),
            }
        )
    chart = alt.Chart(_values(rows))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt))
    bars = chart.mark_bar(height=20, stroke=colours()["outline"], strokeWidth=0.8).encode(
        y=names,
        x=alt.X(
            "low:Q",
            title=axis,
            axis=_scale(alt),
            scale=alt.Scale(domain=[0, 1.15 * max(row["end"] for row in rows)], nice=False),
        ),
        x2=alt.X2("high:Q"),
        color=alt.Color("fill:N", scale=None),
    )
    texts = chart.mark_text(align="left", dx=4, fontWeight="bold").encode(
        y=names, x=alt.X("end:Q"), text=alt.Text("text:N")
    )
    return _svg(_layered(bars, texts), label, 32 * len(rows))


def spine(spines: Sequence[Spine], label: str) -> str:
    """Where a council is among its peers, for several measures: their span, their middle half, the council's mark."""
    alt = _altair()

    rows = [
        {
            "name": row.label,
            "own": row.own,
            "lowest": max(row.lowest, -100),
            "highest": min(row.highest, 200),
            "q1": row.q1,
            "q3": row.q3,
            "aside": row.is_set_aside,
            "text": "" if row.own is None else f"{row.own:+.0f}%{' set aside' * row.is_set_aside}",
        }
        for row in spines
    ]
    chart = alt.Chart(_values(rows))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt))
    at = alt.X(
        "lowest:Q",
        title="per cent above or below the mean of the peers",
        axis=_scale(alt),
        scale=alt.Scale(domain=[-100, 240], nice=False, clamp=True),
    )
    whole = chart.mark_bar(height=10, color=colours()["grid"], stroke=colours()["outline"], strokeWidth=0.5).encode(
        y=names, x=at, x2=alt.X2("highest:Q")
    )
    middle = chart.mark_bar(height=10, color=colours()["outline"]).encode(y=names, x=alt.X("q1:Q"), x2=alt.X2("q3:Q"))
    zero = alt.Chart(_values([{"x": 0}])).mark_rule(strokeWidth=1.5, color=colours()["second"]).encode(x=alt.X("x:Q"))
    known = chart.transform_filter("datum.own !== null")
    own = known.mark_point(shape="diamond", size=150, filled=True, stroke=colours()["own"], strokeWidth=2).encode(
        y=names,
        x=alt.X("own:Q"),
        fill=alt.FillValue(colours()["own"], condition={"test": "datum.aside", "value": colours()["paper"]}),
    )
    texts = known.mark_text(dy=-12, fontWeight="bold", fontSize=SIZE - 2).encode(
        y=names, x=alt.X("own:Q"), text=alt.Text("text:N")
    )
    return _svg(_layered(whole, middle, zero, own, texts), label, 36 * len(rows))


def spans(rows: Sequence[Span], axis: str, label: str) -> str:
    """Amounts as bars, each with a line for its range."""
    alt = _altair()

    chart = alt.Chart(_values([row.__dict__ | {"text": short(row.value)} for row in rows]))
    names = alt.Y("label:N", sort=None, title=None, axis=_names_axis(alt))
    top = 1.2 * max([row.high for row in rows] + [0.001])
    bars = chart.mark_bar(height=18, color=colours()["own"]).encode(
        y=names, x=alt.X("value:Q", title=axis, axis=_scale(alt), scale=alt.Scale(domain=[0, top], nice=False))
    )
    within = chart.mark_rule(color=colours()["more"], strokeWidth=4).encode(
        y=names, x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    texts = chart.mark_text(align="left", dx=8, fontWeight="bold").encode(
        y=names, x=alt.X("high:Q"), text=alt.Text("text:N")
    )
    return _svg(_layered(bars, within, texts), label, 34 * len(rows))


def quadrants(
    places: Sequence[Place],
    medians: tuple[float, float],
    axes: tuple[str, str],
    label: str,
    lower_is_better: bool = False,
) -> str:
    """Councils by two figures, the own one as a named diamond; the peers' medians part the picture into four."""
    alt = _altair()

    rows = [place.__dict__ for place in places]
    spaces = [alt.Scale(domain=_around([place.across for place in places], medians[0]), nice=False, zero=False),
              alt.Scale(domain=_around([place.up for place in places], medians[1]), nice=False, zero=False)]
    across = alt.X("across:Q", title=axes[0], scale=spaces[0], axis=_scale(alt))
    up = alt.Y("up:Q", title=axes[1], scale=spaces[1], axis=_scale(alt))
    peers = alt.Chart(_values([row for row in rows if not row["is_own"]]))
    rings = peers.mark_point(shape="circle", size=60, fill=colours()["paper"], stroke=colours()["outline"],
                             strokeWidth=1.5).encode(x=across, y=up)
    middle = alt.Chart(_values([{"across": medians[0], "up": medians[1]}]))
    rule = {"strokeDash": [6, 3], "strokeWidth": 1.5, "color": colours()["second"]}
    lines = [middle.mark_rule(**rule).encode(x=alt.X("across:Q")), middle.mark_rule(**rule).encode(y=alt.Y("up:Q"))]
    own = alt.Chart(_values([row for row in rows if row["is_own"]]))
    start, end = _around([place.across for place in places], medians[0])
    # Away from the middle, where the marks are, unless the name would end outside.
    is_left = any(row["is_own"] and start + 0.35 * (end - start) < row["across"] <= medians[0] for row in rows)
    is_right = any(row["is_own"] and row["across"] > end - 0.35 * (end - start) for row in rows)
    align = "right" if is_left or is_right else "left"
    mark = own.mark_point(shape="diamond", size=170, filled=True, color=colours()["own"]).encode(x=across, y=up)
    name = own.mark_text(align=align, dx=-10 if align == "right" else 10, dy=-10, fontWeight="bold").encode(
        x=across, y=up, text=alt.Text("name:N"))
    return _svg(_layered(*lines, rings, mark, name, *_corners(alt, lower_is_better)), label, QUADRANTS_HIGH)


def _around(values: Sequence[float], middle: float) -> list[float]:
    """From the least to the most, with room for the words in the corners."""
    low, high = min([*values, middle]), max([*values, middle])
    room = 0.18 * (high - low) or 1.0
    return [low - room, high + room]


def _corners(alt: object, lower_is_better: bool) -> list[object]:
    """What each quarter of the picture means, in its corner."""
    top, bottom = ("worse", "better") if lower_is_better else ("better", "worse")
    texts = [("less", top, 4, 10, "left"), ("more", top, "width", 10, "right"),
             ("less", bottom, 4, QUADRANTS_HIGH - 8, "left"), ("more", bottom, "width", QUADRANTS_HIGH - 8, "right")]
    found = []
    for spends, outcome, x, y, align in texts:
        chart = alt.Chart(_values([{"text": f"spends {spends}, outcome {outcome}"}]))
        found.append(chart.mark_text(align=align, fontSize=SIZE - 2, color=colours()["outline"]).encode(
            x=alt.XValue(x), y=alt.YValue(y), text=alt.Text("text:N")))
    return found


def levers(rows: Sequence[Lever], axis: str, label: str) -> str:
    """Savings as bars, those that are not achieved hollow with a dashed outline; each says its status."""
    alt = _altair()

    data = [
        {"name": row.name, "value": row.value, "aside": not row.is_achieved, "own": row.is_achieved,
         "text": f"{short(row.value)} {row.status}"}
        for row in rows
    ]
    chart = alt.Chart(_values(data))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt))
    top = 1.45 * max([row.value for row in rows] + [0.001])
    bars = chart.mark_bar(height=16).encode(
        y=names, x=alt.X("value:Q", title=axis, axis=_scale(alt), scale=alt.Scale(domain=[0, top], nice=False)),
        **_bar_looks(alt))
    texts = chart.mark_text(align="left", dx=4).encode(y=names, x=alt.X("value:Q"), text=alt.Text("text:N"))
    return _svg(_layered(bars, texts), label, 26 * len(data))


def bands(rows: Sequence[Band], label: str) -> str:
    """People by weekly price, one panel a setting; a number that is not shown is written as such."""
    alt = _altair()

    data = [
        row.__dict__
        | {
            "people": row.people or 0,
            "text": "not shown" if row.people is None else f"{row.people:,}",
            "name": f"{row.setting}: {row.label}",
        }
        for row in rows
    ]
    chart = alt.Chart(_values(data))
    names = alt.Y("name:N", sort=None, title=None, axis=_names_axis(alt))
    bars = chart.mark_bar(height=16, color=colours()["own"]).encode(
        y=names, x=alt.X("people:Q", title="people", axis=_scale(alt))
    )
    texts = chart.mark_text(align="left", dx=4).encode(y=names, x=alt.X("people:Q"), text=alt.Text("text:N"))
    return _svg(_layered(bars, texts), label, 24 * len(data))


def short(value: float) -> str:
    """A number as a picture carries it: the more digits before the point, the fewer behind it."""
    return f"{value:z,.0f}" if abs(value) >= 100 else f"{value:z,.1f}" if abs(value) >= 10 else f"{value:z,.2f}"


def _values(rows: list[dict[str, object]]) -> object:
    alt = _altair()

    # As text, since altair copies rows again for every layer and encoding.
    return alt.InlineData(values=json.dumps(rows), format=alt.JsonDataFormat(type="json"))


def _domain(bars: Sequence[Bar], levels: Sequence[Level]) -> list[float]:
    values = [bar.value for bar in bars] + [level.value for level in levels]
    room = 1.5 if any(bar.is_set_aside for bar in bars) else 1.22
    return [min(0.0, min(values)), room * max(max(values), 0.001)]


def _names_axis(alt: object, bold: Sequence[str] = ()) -> object:
    looks = {"labelLimit": 170, "ticks": False, "domain": False}
    if bold:
        is_bold = f"datum.value === {json.dumps(bold[0])}"
        looks["labelFontWeight"] = {"condition": {"test": is_bold, "value": "bold"}, "value": "normal"}
    return alt.Axis(**looks)


def _scale(alt: object) -> object:
    return alt.Axis(tickCount=4, gridColor=colours()["grid"], domain=False)


def _layered(*charts: object) -> dict[str, object]:
    """Charts over one another. altair's own layer copies each of them four times, which takes as long as drawing."""
    layers = [chart.to_dict(validate=False) for chart in charts]
    of_whole = ("$schema", "config", "datasets")
    datasets = {name: rows for layer in layers for name, rows in layer.get("datasets", {}).items()}
    return {"$schema": layers[0]["$schema"], "datasets": datasets,
            "layer": [{name: part for name, part in layer.items() if name not in of_whole} for layer in layers]}


def _svg(chart: dict[str, object], label: str, height: int) -> str:
    import vl_convert

    looks = {
        "font": "Arial, Helvetica, sans-serif",
        "aria": False,
        "view": {"stroke": None},
        "point": {"opacity": 1},
        "axis": {
            "labelFontSize": SIZE,
            "titleFontSize": SIZE,
            "titleFontWeight": "normal",
            "labelColor": colours()["text"],
            "titleColor": colours()["text"],
        },
        "legend": {"labelFontSize": SIZE, "symbolSize": 80},
        "text": {"fontSize": SIZE, "color": colours()["text"]},
    }
    fit = {"type": "fit-x", "contains": "padding"}
    spec = chart | {"width": WIDTH, "height": height, "autosize": fit, "padding": 4, "config": looks}
    return accessible(vl_convert.vegalite_to_svg(spec), label)


def accessible(svg: str, label: str) -> str:
    """The picture as one image with a label; its ids are made its own, since a page holds several pictures."""
    own = hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'(id="|url\(#)', rf"\g<1>p{own}_", svg)
    box = re.search(r'viewBox="([^"]+)"', svg).group(1)
    # What is inside one image is not read out, and marks without a label are faults to a checker.
    svg = re.sub(r' (?:role|class|pointer-events|aria-[a-z]+)="[^"]*"', "", svg)
    return re.sub(
        r"^<svg [^>]*>",
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" viewBox="{box}">',
        svg,
        count=1,
    )
