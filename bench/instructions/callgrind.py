"""Runs seatsaga-instructions under callgrind, and reads what it counted."""

import json
import re
import subprocess

PROGRAM = "seatsaga-instructions"
COUNTED = "seatsaga::bench::*CountedRounds*"
# Each process' work is done inside one function of bench/one_thread/chain.cc.
TURNS = {
    "reservation_svc": "seatsaga::bench::Chain::TurnOfReservationSvc()",
    "orchestrator": "seatsaga::bench::Chain::TurnOfOrchestrator()",
    "seat_svc": "seatsaga::bench::Chain::TurnOfSeatSvc()",
    "payment_svc": "seatsaga::bench::Chain::TurnOfPaymentSvc()",
}
RUN_ENDS_WITHIN_S = 300

NAME = re.compile(r"(c?fn)=\((\d+)\)(?: (.*))?")


class CountError(Exception):
    """Why nothing could be counted, in a line for people."""


def inclusive_counts(lines):
    """What the calls of each function took, callees included, from the lines of a callgrind file.

    "fn=(7) name" starts a function, later "fn=(7)" alone. A call is "cfn=(8) name", "calls=..." and,
    on the next line, a position and the instructions that the call took.
    """
    names, counts, callee, after_calls = {}, {}, None, False
    for line in lines:
        if found := NAME.match(line):
            kind, number, name = found.groups()
            if name:
                names[number] = name.strip()
            if kind == "cfn":
                callee = names[number]
        elif line.startswith("calls="):
            after_calls = True
        elif after_calls:
            counts[callee] = counts.get(callee, 0) + int(line.split()[1])
            after_calls = False
    return counts


def by_service(lines):
    """The instructions of each service, over all reservations counted."""
    counts = inclusive_counts(lines)
    if missing := [turn for turn in TURNS.values() if turn not in counts]:
        raise CountError(f"callgrind did not see {', '.join(missing)}: was it inlined or renamed?")
    return {service: counts[turn] for service, turn in TURNS.items()}


def count(bin_folder, profile, arguments=()):
    """One run: the counts of by_service, and what the program says of itself.

    The same binaries give the same counts. Valgrind puts everything at the same addresses whatever
    the kernel randomizes. What is left moves a count by up to a thousandth, through the alignment of
    buffers: the environment, and the length of the program's path and of its scratch folder's. So
    the environment is empty, and the paths are short and fixed.
    """
    command = ["valgrind", "--tool=callgrind", "--vgdb=no",
               f"--callgrind-out-file={profile}", f"--toggle-collect={COUNTED}", f"./{PROGRAM}", *arguments]
    try:
        run = subprocess.run(command, cwd=bin_folder, env={"PATH": "/usr/bin:/bin"}, text=True,
                             capture_output=True, timeout=RUN_ENDS_WITHIN_S, check=False)
    except FileNotFoundError as missing:
        raise CountError(f"{missing.filename} is missing: ./dev bench --instructions installs and "
                         "builds what it needs") from missing
    except subprocess.TimeoutExpired as late:
        raise CountError(f"{PROGRAM} did not end within {RUN_ENDS_WITHIN_S} s") from late
    if run.returncode != 0:
        raise CountError(f"{PROGRAM} ended with status {run.returncode}:\n{run.stderr.strip()}")
    facts = json.loads(run.stdout)
    with open(profile, encoding="utf-8") as lines:
        return by_service(lines), facts
