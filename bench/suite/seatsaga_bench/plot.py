"""Lines and stacked bars as SVG, drawn by Matplotlib. A picture has its own background, which is dark where
the reader prefers dark colours."""

import io

from matplotlib import rcParams, ticker
from matplotlib.figure import Figure

PX = 0.75  # one CSS pixel in points, Matplotlib's unit of length
WIDTH, HEIGHT = 990, 470  # pixels, as all lengths below
LEFT, TOP, BOTTOM = 80, 76, 64  # margins; the right one holds the names of the series
LABEL_HEIGHT = 17
# On a light and on a dark background.
TEXT, MUTED, GRID, PAGE, EDGE = (("#1f2328", "#e6edf3"), ("#57606a", "#9aa4af"), ("#e4e8ec", "#262c34"),
                                 ("#ffffff", "#0d1117"), ("#d0d7de", "#30363d"))
# Colours of series. The first is what the chart is about.
COLOURS = (("#0b62d6", "#5ea3ff"), ("#8a5a00", "#e3a73c"), ("#6a737d", "#a3adb8"),
           ("#b3204d", "#ff7d9e"), ("#187a3c", "#55c27c"), ("#7a3fc0", "#bd93f9"))
rcParams.update({
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "seatsaga",  # the same picture is the same file
    "font.family": "sans-serif", "font.sans-serif": ["system-ui", "Segoe UI", "DejaVu Sans"],
    "font.size": 13 * PX, "text.color": TEXT[0], "axes.labelcolor": TEXT[0],
    "xtick.color": MUTED[0], "xtick.major.size": 0, "xtick.major.pad": 8 * PX,
    "ytick.color": MUTED[0], "ytick.major.size": 0,
    "axes.facecolor": "none", "axes.edgecolor": MUTED[0], "axes.spines.left": False,
    "axes.spines.right": False, "axes.spines.top": False,
    "axes.grid": True, "axes.grid.axis": "y", "axes.axisbelow": True,
    "grid.color": GRID[0], "grid.linewidth": PX, "lines.linewidth": 2.5 * PX,
    "lines.markersize": 7 * PX, "lines.solid_joinstyle": "round",
})


def number(value, _=None):
    """As short as it can be: 1,500 or 0.25."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def figure(title, subtitle, y_name, names):
    """An empty chart with room on the right for `names`."""
    right = 36 + 8.4 * max(map(len, names))
    made = Figure((WIDTH / 96, HEIGHT / 96), facecolor=PAGE[0], edgecolor=EDGE[0], linewidth=PX)
    axes = made.subplots(gridspec_kw={"left": LEFT / WIDTH, "right": 1 - right / WIDTH,
                                      "top": 1 - TOP / HEIGHT, "bottom": BOTTOM / HEIGHT})
    made.text(26 / WIDTH, 1 - 30 / HEIGHT, title, size=17 * PX, weight="semibold")
    made.text(26 / WIDTH, 1 - 51 / HEIGHT, subtitle, color=MUTED[0])
    axes.set_ylabel(y_name)
    axes.yaxis.set_label_coords(-56 / (WIDTH - LEFT - right), 0.5)
    axes.yaxis.set_major_formatter(number)
    return made, axes


def line_chart(title, subtitle, x_name, y_name, series, log=True):
    """`series` are dicts: name, points [(x, y)], colour (an index of COLOURS), dashed. With `log` both axes
    are logarithmic and the x axis is marked at the points only; otherwise both start at 0."""
    last_x = max(one["points"][-1][0] for one in series)
    ends = {end_of(one, last_x): one for one in series}
    made, axes = figure(title, subtitle, y_name, ends)
    for one in series:
        axes.plot(*zip(*one["points"]), color=COLOURS[one["colour"]][0], marker="o", clip_on=False,
                  linestyle=(0, (6 / 2.5, 2)) if one.get("dashed") else "-")
    axes.set_xlabel(x_name, labelpad=8 * PX)
    if log:
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(sorted({x for one in series for x, _ in one["points"]}))
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(number)
    else:
        axes.set(xlim=(0, last_x), ylim=(0, None))
        axes.locator_params(nbins=5)
    axes.xaxis.set_major_formatter(number)
    name_series(axes, [(one["points"][-1][1], name, one["colour"]) for name, one in ends.items()])
    return made


def end_of(one, last_x):
    """The name of a series with its last value, and where that is if other series go on."""
    x, y = one["points"][-1]
    return f"{one['name']}: {number(y)}" + (f" at {number(x)}" if x < last_x else "")


def stacked_bars(title, subtitle, y_name, groups, parts):
    """Bars in groups, with the group's name below: `groups` is [(name, [(bar's name, {part: value})])].
    `parts` is [(part, colour)], in the order in which they are stacked, the first at the bottom."""
    made, axes = figure(title, subtitle, y_name, [part for part, _ in parts])
    bars, x = [], 0
    for name, group in groups:
        axes.text(x + (len(group) - 1) / 2, -40 / (HEIGHT - TOP - BOTTOM), name, ha="center",
                  transform=axes.get_xaxis_transform())
        bars += [(x + i, bar_name, values) for i, (bar_name, values) in enumerate(group)]
        x += len(group) + 1
    xs = [x for x, _, _ in bars]
    base, places = [0] * len(bars), []
    for part, colour in parts:
        values = [values.get(part, 0) for _, _, values in bars]
        drawn = axes.bar(xs, values, 0.76, base, color=COLOURS[colour][0], edgecolor=PAGE[0],
                         linewidth=PX)
        places.append((base[-1] + values[-1] / 2, part, colour))
        base = [below + value for below, value in zip(base, values)]
    axes.bar_label(drawn, map(number, base), padding=4 * PX, size=12 * PX)
    axes.set_xticks(xs, [name for _, name, _ in bars], size=11 * PX)
    axes.set_xlim(-1, xs[-1] + 1)
    axes.locator_params(axis="y", nbins=5)
    name_series(axes, places)
    return made


def name_series(axes, places):
    """Writes names beside the ends of their series, without overlap. `places` are (y, name, colour)."""
    to_share = axes.transData + axes.transAxes.inverted()
    places = sorted((to_share.transform((1, y))[1], name, colour) for y, name, colour in places)
    gap = LABEL_HEIGHT / (HEIGHT - TOP - BOTTOM)
    ys = []
    for y, _, _ in places:
        ys.append(max(y, ys[-1] + gap if ys else 0))
    top = 1
    for i in reversed(range(len(ys))):  # back down from the top, if they were pushed past it
        ys[i] = min(ys[i], top)
        top = ys[i] - gap
    for y, (_, name, colour) in zip(ys, places):
        axes.annotate(name, (1, y), (12 * PX, 0), "axes fraction", "offset points", va="center",
                      color=COLOURS[colour][0], weight="semibold")


def svg(made):
    """The figure's text. Equal figures have equal texts."""
    file = io.StringIO()
    about = {"Title": made.texts[0].get_text(), "Date": None, "Creator": None}
    made.savefig(file, format="svg", metadata=about)
    return file.getvalue().replace("</metadata>", f"</metadata>\n <style>{dark_style()}</style>", 1)


def dark_style():
    rules = "".join(f'[style*="{what}: {light}"]{{{what}:{dark}!important}}' for what in ("fill", "stroke")
                    for light, dark in (TEXT, MUTED, GRID, PAGE, EDGE, *COLOURS))
    return f"@media (prefers-color-scheme:dark){{{rules}}}"
