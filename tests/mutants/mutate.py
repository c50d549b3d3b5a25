#!/usr/bin/env python3
"""Makes the mutated sources: applies mutants.toml to copies of the product's files.

Usage:
  mutate.py --check        exit status 1, and one line for each fault, if a mutant does not apply
  mutate.py --list KIND    files, one a line: mutated (.cc), headers, users (of mutated headers), tests
  mutate.py FOLDER         writes the mutated files and the names of all mutants into FOLDER

A mutated file holds every mutant of its original. Each asks mutants::On("name") when it runs, so that one
build serves all (switch.h). The original stays as it is. Files that would not change are not written.
"""

import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CATALOGUE = HERE / "mutants.toml"
MADE = "// Made by tests/mutants/mutate.py.\n"


class Fault(Exception):
    """What is wrong with the catalogue, in a sentence."""


def load(path=CATALOGUE):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def edits_of(mutant):
    return [mutant, *mutant.get("more", [])]


def edits_by_file(catalogue):
    """For each file its edits, as pairs of the mutant's name and the edit."""
    files = {}
    for mutant in catalogue["mutant"]:
        for edit in edits_of(mutant):
            files.setdefault(edit["file"], []).append((mutant["name"], edit))
    return dict(sorted(files.items()))


def span_of(name, edit, original):
    """Where in the original the edit applies."""
    count = original.count(edit["find"])
    if count == 0:
        raise Fault(f"{name}: {edit['file']} no longer holds the text that it replaces:\n{edit['find']}")
    if count > 1:
        raise Fault(f"{name}: {edit['file']} holds the text that it replaces {count} times:\n{edit['find']}")
    begin = original.index(edit["find"])
    return begin, begin + len(edit["find"])


def apply(edits, original):
    """The original with all edits of its file."""
    placed = sorted((*span_of(name, edit, original), name, edit) for name, edit in edits)
    for before, after in zip(placed, placed[1:]):
        if after[0] < before[1]:
            raise Fault(f"{before[2]} and {after[2]} replace the same text of {after[3]['file']}")
    mutated, end = "", 0
    for begin, edit_end, _, edit in placed:
        mutated += original[end:begin] + edit["replace"].rstrip("\n")
        end = edit_end
    return mutated + original[end:]


def faults(catalogue, root=ROOT):
    """Everything that is wrong with the catalogue, in sentences."""
    found = []
    names = [mutant["name"] for mutant in catalogue["mutant"]]
    found += [f"{name}: there are two mutants of this name" for name in sorted(set(names))
              if names.count(name) > 1]
    for mutant in catalogue["mutant"]:
        asks = f'mutants::On("{mutant["name"]}")'
        if not any(asks in edit["replace"] for edit in edits_of(mutant)):
            found.append(f"{mutant['name']}: its replacement does not ask {asks}")
    for file, edits in edits_by_file(catalogue).items():
        if file.endswith(".h") and file not in catalogue["header"]:
            found.append(f"{file} is a header: say under [header] which files are compiled with it")
        try:
            apply(edits, (root / file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            found.append(f"{edits[0][0]}: there is no file {file}")
        except Fault as fault:
            found.append(str(fault))
    return found


def names_header(catalogue):
    names = "".join(f'    "{mutant["name"]}",\n' for mutant in catalogue["mutant"])
    return (f"{MADE}#pragma once\n\n#include <array>\n#include <string_view>\n\n"
            "namespace seatsaga::mutants {\n\n"
            f"inline constexpr std::array<std::string_view, {len(catalogue['mutant'])}> kNames{{\n{names}}};\n\n"
            "}  // namespace seatsaga::mutants\n")


def write_if_changed(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_all(catalogue, folder):
    write_if_changed(folder / "tests/mutants/names.h", names_header(catalogue))
    for file, edits in edits_by_file(catalogue).items():
        # Once only, because a header has no #pragma once in front of it.
        head = MADE + '#include "tests/mutants/switch.h"\n#line 1 "' + file + '"\n'
        write_if_changed(folder / file, head + apply(edits, (ROOT / file).read_text(encoding="utf-8")))


def listed(catalogue, kind):
    files = list(edits_by_file(catalogue))
    sources = [file for file in files if file.endswith(".cc")]
    if kind == "mutated":
        return sources
    if kind == "headers":
        return [file for file in files if file.endswith(".h")]
    used = {file for header in catalogue["header"].values() for file in header[kind]}
    return sorted(used - set(sources))


def main(arguments):
    if len(arguments) not in (1, 2) or (len(arguments) == 2) != (arguments[0] == "--list"):
        print(__doc__, file=sys.stderr)
        return 2
    catalogue = load()
    if arguments[0] == "--list":
        print("\n".join(listed(catalogue, arguments[1])))
        return 0
    found = faults(catalogue)
    for fault in found:
        print(f"tests/mutants/mutants.toml: {fault}", file=sys.stderr)
    if found:
        return 1
    if arguments[0] == "--check":
        print(f"{len(catalogue['mutant'])} mutants apply to {len(edits_by_file(catalogue))} files")
    else:
        write_all(catalogue, pathlib.Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
