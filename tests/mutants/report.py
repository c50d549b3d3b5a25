"""The tables of docs/mutants.md."""

import statistics

from runs import CLASSES, ORACLES


def caught(result, without=()):
    """The seeds of which an oracle complained, leaving out some oracles."""
    return [int(seed) for seed, oracles in result["complaints"].items() if set(oracles) - set(without)]


def seeds_until_caught(result):
    """The median over disjoint stretches of seeds, each of which ends where the mutant is caught."""
    ends = [0, *sorted(caught(result))]
    return statistics.median([after - before for before, after in zip(ends, ends[1:])])


def yes(value):
    return "yes" if value else "no"


def needs(result):
    """The classes of faults without which it is not caught."""
    return [name for name in CLASSES if not result["caught_without"][name]]


def row(mutant, result):
    head = [f"`{mutant['name']}`", mutant["breaks"], yes(result["tests"])]
    if not caught(result):
        return [*head, f"**not caught** in {result['runs']} runs", "", "", ""]
    by = [oracle for oracle in ORACLES if any(oracle in found for found in result["complaints"].values())]
    still = " / ".join(yes(caught(result, [oracle])) for oracle in ("history", "audit"))
    return [*head, ", ".join(by), still, ", ".join(needs(result)) or "–",
            f"{seeds_until_caught(result):g}"]


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in rows)])


HEADS = ("mutant", "what is broken", "unit and contract tests pass", "caught by",
         "still caught without history / without audit", "not caught without", "median seeds")


def admitted_table(mutants, results):
    rows = [row(mutant, results[mutant["name"]]) for mutant in mutants]
    return table(HEADS, rows) if rows else "None."


def totals(admitted, rejected, results):
    of = [results[mutant["name"]] for mutant in admitted]
    found = [result for result in of if caught(result)]
    passing = [result for result in of if result["tests"]]
    lines = [f"{len(admitted)} mutants serve the demo; {len(found)} of them are caught. "
             f"{len(passing)} pass the unit and contract tests; "
             f"{sum(1 for result in passing if caught(result))} of these are caught."]
    for oracle in ("history", "audit", "liveness"):
        count = sum(1 for result in found if caught(result, [oracle]))
        lines.append(f"- Without {oracle}: {count} are caught.")
    for name in CLASSES:
        count = sum(1 for result in found if result["caught_without"][name])
        lines.append(f"- Without {name} faults: {count} are caught.")
    lines.append(f"\n{len(rejected)} more do not serve the demo, and do not count.")
    return "\n".join(lines)


def notes(mutants, results):
    lines = [f"- `{mutant['name']}`: {mutant['note']}" for mutant in mutants
             if "note" in mutant and not caught(results[mutant["name"]])]
    return "\n".join(lines) or "All are."


def sections(mutants, results, run_line):
    done = [mutant for mutant in mutants if mutant["name"] in results]
    admitted = [mutant for mutant in done if results[mutant["name"]]["demo"]]
    rejected = [mutant for mutant in done if not results[mutant["name"]]["demo"]]
    return {"run": run_line, "totals": totals(admitted, rejected, results),
            "mutants": admitted_table(admitted, results), "not-caught": notes(admitted, results),
            "rejected": admitted_table(rejected, results)}
