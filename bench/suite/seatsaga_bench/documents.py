"""Writes the results of a run into docs/: the tables into their sections, the charts, and the JSON itself."""

import json
import pathlib

from . import sections
from .baseline_tables import baseline_tables
from .processes import SuiteError
from .tables import tables


def fill(page, generated):
    """The page with all its sections filled."""
    try:
        return sections.fill(page, generated, "./dev bench --report")
    except ValueError as error:
        raise SuiteError(str(error)) from error


def with_one_null_chain(output):
    """Older results have a second null chain, with gRPC's callback API. It was never the floor, so it is left
    out."""
    for part in (output, output.get("other_transport", {})):
        if isinstance(part.get("null_chain"), dict):
            part["null_chain"] = part["null_chain"]["null_chain_cq"]
    return output


def drawn(output):
    """The charts as SVG, by file name."""
    try:
        from . import charts, plot  # here, because nothing else needs Matplotlib
    except ImportError as missing:
        raise SuiteError("no Matplotlib: use ./dev bench --report, which installs it") from missing
    return {name: plot.svg(figure) for name, figure in charts.charts(output).items()}


def write(results_file, folder):
    """Writes performance.md and performance/ in `folder`, from what -o json printed. Writes
    performance-baselines.md only if the run had --baselines."""
    try:
        output = with_one_null_chain(json.loads(pathlib.Path(results_file).read_text(encoding="utf-8")))
        generated = {folder / "performance.md": tables(output)}
        if "baselines" in output:
            generated[folder / "performance-baselines.md"] = baseline_tables(output)
        pictures = drawn(output)
        filled = {page: fill(page.read_text(encoding="utf-8"), texts) for page, texts in generated.items()}
    except (OSError, ValueError) as error:
        raise SuiteError(f"cannot make a report: {error}") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise SuiteError(f"{results_file} is not what ./dev bench -o json prints: {error!r}") from error
    kept = folder / "performance"
    kept.mkdir(exist_ok=True)
    for old in kept.glob("*.svg"):  # pictures of another run must not stay
        old.unlink()
    for name, text in pictures.items():
        (kept / name).write_text(text, encoding="utf-8")
    (kept / "results.json").write_text(json.dumps(output, indent=1) + "\n", encoding="utf-8")
    for page, text in filled.items():
        page.write_text(text, encoding="utf-8")
