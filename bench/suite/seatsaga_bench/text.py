"""What people see: the progress line, and the tables at the end."""

import sys

from .baseline_tables import baseline_tables
from .tables import NOT_MEASURED, tables

BAR_WIDTH = 30


class Progress:
    """One line on stderr, if that is a terminal: the current step, and the share that is done."""

    def __init__(self):
        self.expected_s = 0
        self.done_s = 0
        self.shown = sys.stderr.isatty()

    def expect(self, seconds):
        """Announces a step. Call it for all steps before the first one begins."""
        self.expected_s += seconds

    def step(self, label, seconds):
        """Begins a step that was announced with that length."""
        if self.shown:
            share = min(self.done_s / max(self.expected_s, 0.1), 1)
            bar = ("#" * int(share * BAR_WIDTH)).ljust(BAR_WIDTH, ".")
            sys.stderr.write(f"\r\033[K[{bar}] {100 * share:3.0f} %  {label}")
            sys.stderr.flush()
        self.done_s += seconds

    def end(self):
        if self.shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def render(output):
    """The tables of the pages in docs/, from the object that -o json prints."""
    sections = tables(output)
    if "baselines" in output:
        sections |= baseline_tables(output)
        del sections["baselines-run"]  # says what "run" says
    return "\n\n".join(f"## {name}\n\n{aligned(section)}" for name, section in sections.items()
                       if section != NOT_MEASURED)


def aligned(section):
    """The section with the columns of its table as wide as they need to be; all but the first flush right."""
    lines = [line.split(" | ") for line in section.splitlines()]
    widths = [max(map(len, column)) for column in zip(*(line for line in lines if len(line) > 1))]
    return "\n".join(" | ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
                     if len(line) > 1 else line[0] for line in lines)
