#!/usr/bin/env python3
"""No loop over an unordered container in product code.

Abseil shuffles its hash tables anew in every process, so an order that reaches disk, wire or log makes
two runs differ and a replay worthless. A loop whose result depends on no order says why, on its line or
the one before:  // any order: the sum is the same.

Found are range-for loops and calls of begin() over names that the file, or a header of ours that it
includes, declares with an unordered type, an alias of one, or `auto` from one. Usage: unordered_rules.py [ROOT]; exit status
1, and one line per breach.
"""

import pathlib
import re
import sys

THIS = "tests/lint/unordered_rules.py"
FOLDERS = ["common", "orchestrator", "seat_svc", "payment_svc", "reservation_svc",
           "simulated_provider", "sagactl", "cluster", "demo"]
# Found when this rule was made; each is to go with the next change of its file.
KNOWN = {("seat_svc/seat_store.cc", "added")}
ALLOWED = re.compile(r"//\s*any order:\s*\S")

TYPES = r"(?:absl::(?:flat|node)_hash_(?:map|set)|std::unordered_(?:multi)?(?:map|set))"
ALIAS = re.compile(rf"\busing\s+(\w+)\s*=\s*{TYPES}\s*<")
# What may stand between a type and the name that is declared.
NAME = re.compile(r"\s*(?:const\b)?\s*[&*]{0,2}\s*(\w+)\s*(\(|[;={,:)\[]|$)")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
LOOP = re.compile(r"\bfor\s*\(")
BEGIN = re.compile(r"\b(\w+)\s*(\(\s*\))?\s*(?:\.|->)\s*c?begin\s*\(\s*\)")
LAST_NAME = re.compile(r"(\w+)\s*(\(\s*\))?\s*$")


def code_of(text):
    """`text` without comments and the insides of literals, every character in its place."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def end_of_bracket(code, start, opening, closing):
    """The index behind the bracket that closes the one at `start`; len(code) if none does."""
    depth = 0
    for index in range(start, len(code)):
        if code[index] == opening:
            depth += 1
        elif code[index] == closing:
            depth -= 1
            if depth == 0:
                return index + 1
    return len(code)


def names_behind(code, pattern):
    """Names declared with a type that `pattern` matches up to its template arguments."""
    for found in re.finditer(pattern, code):
        end = found.end()
        if code[end:end + 1] == "<":
            end = end_of_bracket(code, end, "<", ">")
        if declared := NAME.match(code, end):
            yield declared.group(1)


def unordered_names(*codes):
    """Variables, members and functions of an unordered type that these texts declare."""
    aliases = {name for code in codes for name in ALIAS.findall(code)}
    names = set()
    for code in codes:
        names.update(names_behind(code, TYPES + r"(?=\s*<)"))
        if aliases:
            names.update(names_behind(code, rf"(?<!using )\b(?:{'|'.join(sorted(aliases))})\b"))
    for code in codes:  # auto copy = unordered;  auto& view = thing.unordered();
        for copy, source in re.findall(r"\bauto\s*[&*]{0,2}\s*(\w+)\s*=\s*([^;]*);", code):
            last = LAST_NAME.search(source)
            if last and last.group(1) in names:
                names.add(copy)
    return names


def range_of(code, loop):
    """What the range-for at this match runs over; None if it is another loop."""
    head = code[loop.end():end_of_bracket(code, loop.end() - 1, "(", ")") - 1]
    colon = re.search(r"(?<!:):(?!:)", head)
    return head[colon.end():].strip() if colon and ";" not in head[colon.end():] else None


def is_initializer_of(code, position, name):
    """Whether `position` is in the statement that declares `name`: it copies another container."""
    start = max(code.rfind(end, 0, position) for end in ";{}")
    return name in set(names_behind(code[start + 1:position], TYPES + r"(?=\s*<)"))


def breaches_of(text, *headers):
    """(line number, name) of each loop over an unordered container in `text`."""
    code = code_of(text)
    names = unordered_names(code, *map(code_of, headers))
    lines = text.splitlines()
    found = []
    for loop in LOOP.finditer(code):
        over = range_of(code, loop)
        last = LAST_NAME.search(over) if over else None
        if last and last.group(1) in names:
            found.append((loop.start(), last.group(1)))
    for begin in BEGIN.finditer(code):
        if begin.group(1) in names and not is_initializer_of(code, begin.start(), begin.group(1)):
            found.append((begin.start(), begin.group(1)))
    for position, name in sorted(found):
        number = text.count("\n", 0, position) + 1
        before = lines[number - 2].lstrip() if number > 1 else ""
        if not ALLOWED.search(lines[number - 1]) and not ALLOWED.match(before):
            yield number, name


def headers_of(text, root):
    """The texts of our headers that `text` includes, and those that they include."""
    texts, todo = {}, INCLUDE.findall(text)
    while todo:
        name = todo.pop()
        if name not in texts and (root / name).exists():  # generated and foreign headers do not
            texts[name] = (root / name).read_text(encoding="utf-8")
            todo += INCLUDE.findall(texts[name])
    return texts.values()


def check(root):
    """All breaches under `root` as lines of text, and how many files were read."""
    breaches, count, known = [], 0, set(KNOWN)
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            count += 1
            text = file.read_text(encoding="utf-8")
            for number, name in breaches_of(text, *headers_of(text, root)):
                path = file.relative_to(root).as_posix()
                if (path, name) in KNOWN:
                    known.discard((path, name))
                    continue
                breaches.append(f"{path}:{number}: a loop over the unordered {name}: sort first, keep it in"
                                " order, or say `// any order: WHY`")
    breaches += [f"{path}: no loop over {name} any more: take it out of KNOWN in {THIS}"
                 for path, name in sorted(known) if (root / path).exists()]
    return breaches, count


def main(arguments):
    here = pathlib.Path(__file__).resolve().parents[2]
    breaches, count = check(pathlib.Path(arguments[0]) if arguments else here)
    if count == 0:
        breaches = ["no source files found: is this the repository's root?"]
    print("\n".join(breaches or [f"no loop in {count} files depends on an unordered container"]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
