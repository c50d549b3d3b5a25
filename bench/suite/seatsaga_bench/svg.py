"""Charts as SVG text: lines over a scale, and stacked bars. Readable on light and on dark pages.

A chart draws its own background, so that it does not depend on the page's; where the reader prefers dark
colours it is dark, too.
"""

import math
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT = 990, 470
LEFT, RIGHT, TOP, BOTTOM = 80, 352, 76, 64  # margins; series are named in the right one
LABEL_GAP = 17  # between the names of two series
MARKER_RADIUS = 3.5
# Colours of series, for a light and for a dark background. The first is what the chart is about.
COLOURS = [("#0b62d6", "#5ea3ff"), ("#8a5a00", "#e3a73c"), ("#6a737d", "#a3adb8"),
           ("#b3204d", "#ff7d9e"), ("#187a3c", "#55c27c"), ("#7a3fc0", "#bd93f9"),
           ("#00727a", "#45c4cf"), ("#5c4a3d", "#c9ae97")]


class Linear:
    """A scale from 0 to at least `top`."""

    def __init__(self, top):
        self.step = nice_step(max(top, 1e-9) / 5)
        self.top = self.step * math.ceil(top / self.step - 1e-9) or self.step

    def share(self, value):
        return value / self.top

    def ticks(self):
        return [self.step * i for i in range(round(self.top / self.step) + 1)]


class Log:
    """A logarithmic scale that spans the values, each above 0."""

    def __init__(self, values):
        self.low, self.high = math.log10(min(values)), math.log10(max(values))
        room = max(0.04 * (self.high - self.low), 0.05)
        self.low, self.high = self.low - room, self.high + room

    def share(self, value):
        return (math.log10(value) - self.low) / (self.high - self.low)

    def ticks(self):
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        factors = (1, 2, 5) if self.high - self.low < 4 else (1,)
        return [f * 10.0 ** d for d in decades for f in factors
                if self.low <= math.log10(f * 10.0 ** d) <= self.high]


class Marked:
    """A logarithmic scale with ticks only at the given values."""

    def __init__(self, values):
        self.values = sorted(set(values))
        self.log = Log(values)

    def share(self, value):
        return self.log.share(value)

    def ticks(self):
        return self.values


def nice_step(least):
    """The least of 1, 2, 2.5, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= least * (1 - 1e-9))


def number(value):
    """As short as it can be: 1,500 or 0.25."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


class Canvas:
    """The elements of one chart, and its frame: title, axes, names of series."""

    def __init__(self, title, subtitle):
        self.elements = []
        self.text(LEFT - 54, 30, title, "title")
        self.text(LEFT - 54, 51, subtitle, "note")
        self.title = title

    def add(self, name, text=None, **attributes):
        shown = "".join(f" {key.rstrip('_').replace('_', '-')}={quoteattr(str(value))}"
                        for key, value in attributes.items())
        self.elements.append(f"<{name}{shown}/>" if text is None else
                             f"<{name}{shown}>{escape(text)}</{name}>")

    def text(self, x, y, text, class_, anchor="start", **more):
        self.add("text", text, x=round(x, 1), y=round(y, 1), class_=class_, text_anchor=anchor, **more)

    def line(self, x1, y1, x2, y2, class_):
        self.add("line", x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1),
                 class_=class_)

    def y_axis(self, scale, name):
        for tick in scale.ticks():
            y = at_y(scale, tick)
            self.line(LEFT, y, WIDTH - RIGHT, y, "grid")
            self.text(LEFT - 8, y + 4, number(tick), "tick", "end")
        middle = (TOP + HEIGHT - BOTTOM) / 2
        self.text(20, middle, name, "axis", "middle", transform=f"rotate(-90 20 {middle:g})")

    def x_axis(self, name):
        self.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "frame")
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, name, "axis", "middle")

    def name_series(self, places):
        """Writes names beside where their series end, none over another. `places` are (y, name, index)."""
        bottom = HEIGHT - BOTTOM
        places = sorted(places)
        ys = []
        for y, _, _ in places:
            ys.append(max(y, ys[-1] + LABEL_GAP if ys else TOP))
        for i in reversed(range(len(ys))):  # back up from the bottom, if they were pushed past it
            limit = bottom if i == len(ys) - 1 else ys[i + 1] - LABEL_GAP
            ys[i] = min(ys[i], limit)
        for y, (_, name, index) in zip(ys, places):
            self.text(WIDTH - RIGHT + 12, y + 4, name, f"name ink{index}")

    def render(self):
        body = "\n".join(self.elements)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label={quoteattr(self.title)}>\n'
                f"<style>{style()}</style>\n"
                f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>\n{body}\n</svg>\n')


def style():
    light = [rule(i, colours[0]) for i, colours in enumerate(COLOURS)]
    dark = [rule(i, colours[1]) for i, colours in enumerate(COLOURS)]
    return "".join([
        "text{font-family:system-ui,'Segoe UI','DejaVu Sans',sans-serif;font-size:13px;fill:#1f2328}",
        ".title{font-size:17px;font-weight:600}.name{font-weight:600}.tick,.note{fill:#57606a}",
        ".page{fill:#fff;stroke:#d0d7de}.bar{stroke:#fff}.grid{stroke:#e4e8ec}.frame{stroke:#57606a}",
        ".line{fill:none;stroke-width:2.5;stroke-linejoin:round}.dashed{stroke-dasharray:6 5}",
        ".value{font-size:12px}.bar-name{font-size:11px}",
        *light,
        "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.tick,.note{fill:#9aa4af}",
        ".page{fill:#0d1117;stroke:#30363d}.bar{stroke:#0d1117}.grid{stroke:#262c34}.frame{stroke:#9aa4af}",
        *dark, "}"])


def rule(index, colour):
    return f".ink{index},.fill{index}{{fill:{colour}}}.line{index}{{stroke:{colour}}}"


def at_y(scale, value):
    return HEIGHT - BOTTOM - scale.share(value) * (HEIGHT - TOP - BOTTOM)


def at_x(scale, value):
    return LEFT + scale.share(value) * (WIDTH - LEFT - RIGHT)


def line_chart(title, subtitle, x_name, y_name, x_scale, y_scale, series):
    """`series` are dicts: name, points [(x, y)], colour (an index of COLOURS), dashed."""
    canvas = Canvas(title, subtitle)
    canvas.y_axis(y_scale, y_name)
    canvas.x_axis(x_name)
    for tick in x_scale.ticks():
        canvas.text(at_x(x_scale, tick), HEIGHT - BOTTOM + 20, number(tick), "tick", "middle")
    places = []
    for one in series:
        points = [(at_x(x_scale, x), at_y(y_scale, y)) for x, y in one["points"]]
        dashed = " dashed" if one.get("dashed") else ""
        canvas.add("polyline", class_=f"series line line{one['colour']}{dashed}",
                   points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points))
        for x, y in points:
            canvas.add("circle", class_=f"fill{one['colour']}", cx=f"{x:.1f}", cy=f"{y:.1f}",
                       r=MARKER_RADIUS)
        places.append((points[-1][1], end_of(one, x_scale), one["colour"]))
    canvas.name_series(places)
    return canvas.render()


def end_of(one, x_scale):
    """The name of a series, with its last value, and where that is if others go on."""
    x, y = one["points"][-1]
    where = "" if x_scale.share(x) > 0.9 else f" at {number(x)}"
    return f"{one['name']}: {number(y)}{where}"


def stacked_bars(title, subtitle, y_name, groups, parts):
    """Bars in groups, with the group's name below: `groups` is [(name, [(bar's name, {part: value})])].
    `parts` is [(part, colour)], in the order in which they are stacked, the first at the bottom."""
    canvas = Canvas(title, subtitle)
    bars = [bar for _, group in groups for bar in group]
    scale = Linear(max(sum(values.values()) for _, values in bars))
    canvas.y_axis(scale, y_name)
    canvas.x_axis("")
    slot = (WIDTH - LEFT - RIGHT) / (len(bars) + len(groups))  # half a slot at each end of a group
    x = LEFT
    for name, group in groups:
        begin, x = x, x + slot / 2
        for bar_name, values in group:
            draw_bar(canvas, scale, x, slot, values, parts)
            canvas.text(x + slot / 2, HEIGHT - BOTTOM + 18, bar_name, "tick bar-name", "middle")
            x += slot
        x += slot / 2
        canvas.text((begin + x) / 2, HEIGHT - BOTTOM + 40, name, "axis", "middle")
    last, base, places = bars[-1][1], 0, []
    for part, colour in parts:
        value = last.get(part, 0)
        places.append((at_y(scale, base + value / 2), part, colour))
        base += value
    canvas.name_series(places)
    return canvas.render()


def draw_bar(canvas, scale, x, slot, values, parts):
    base = 0
    for part, colour in parts:
        value = values.get(part, 0)
        top = at_y(scale, base + value)
        canvas.add("rect", class_=f"bar fill{colour}", x=f"{x + 0.12 * slot:.1f}", y=f"{top:.1f}",
                   width=f"{0.76 * slot:.1f}", height=f"{at_y(scale, base) - top:.1f}")
        base += value
    canvas.text(x + slot / 2, at_y(scale, base) - 6, number(base), "value", "middle")
