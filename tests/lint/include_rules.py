#!/usr/bin/env python3
"""Who may include whom (docs/ARCHITECTURE.md). Reads every #include of the repository's C++ files.

Usage: include_rules.py [ROOT]      exit status 1, and one line for each breach, if there is one.
"""

import pathlib
import re
import sys

# For each folder (the longest prefix of a file's path decides) the prefixes of what it may include
# by quotes, besides itself and Abseil. "proto:x" is seatsaga/x/v1.
COMMON = ["common/"]
ALL_PROTOS = [
    "proto:saga", "proto:seat", "proto:payment", "proto:reservation", "proto:orchestrator"]
GRPC_DETAILS = ["google/", "grpc/health/", "grpc/reflection/"]
SERVICES = ["orchestrator/", "seat_svc/", "payment_svc/", "reservation_svc/", "simulated_provider/"]
MAY_INCLUDE = {
    # Values, the seams, and what stands behind them.
    "common/": GRPC_DETAILS + ["proto:saga"],
    # The methods of all services.
    "api/": ["common/wire/", "common/on_arena.h"] + ALL_PROTOS,
    "orchestrator/core/": ["common/text.h", "common/backoff.h"],  # as pure as the core itself
    # A definition says what its data is, and how its calls are built.
    "orchestrator/sagas/": COMMON + ALL_PROTOS + ["orchestrator/core/"],
    "orchestrator/store/": COMMON + ["proto:saga", "proto:orchestrator", "orchestrator/core/",
                                     "orchestrator/sagas/"],
    "orchestrator/participants/": COMMON + ALL_PROTOS + [
        "api/", "orchestrator/core/", "orchestrator/sagas/"],
    "orchestrator/engine/": COMMON + [
        "proto:saga", "proto:orchestrator", "orchestrator/core/", "orchestrator/sagas/",
        "orchestrator/store/", "orchestrator/participants/"],
    # Queries go past the engine: they read the store beside it.
    "orchestrator/service/": COMMON + [
        "api/", "proto:saga", "proto:orchestrator", "orchestrator/core/", "orchestrator/engine/",
        "orchestrator/participants/", "orchestrator/sagas/", "orchestrator/store/"],
    # sagactl is a client: it knows the APIs, and nothing behind them.
    "sagactl/": COMMON + ALL_PROTOS + ["api/", "google/"],
    "orchestrator/main.cc": COMMON + ["orchestrator/"],
    "seat_svc/": COMMON + ["api/saga.h", "api/seat.h", "proto:saga", "proto:seat", "google/"],
    "payment_svc/": COMMON + ["api/saga.h", "api/payment.h", "proto:saga", "proto:payment", "google/"],
    # The facade's outbox starts sagas.
    "reservation_svc/": COMMON + [
        "api/saga.h", "api/reservation.h", "api/orchestrator.h", "proto:saga", "proto:reservation",
        "proto:orchestrator", "google/"],
    # Clients too, and tools that read what the services write must use their APIs.
    "bench/": COMMON + ALL_PROTOS + ["api/", "google/"],
    # What is measured there is a service's own logic, in this process and without its network: no API
    # reaches that.
    "bench/one_thread/": COMMON + ALL_PROTOS + ["api/", "bench/"] + SERVICES,
    "bench/instructions/": COMMON + ALL_PROTOS + ["api/", "bench/"] + SERVICES,
    "bench/micro/": COMMON + ALL_PROTOS + ["api/", "bench/"] + SERVICES,
    # The provider stands for another company: it knows its gateway, and only main.cc knows it.
    "simulated_provider/": COMMON + ["payment_svc/"],
    "payment_svc/main.cc": COMMON + ["payment_svc/", "simulated_provider/"],
    # Real servers, and programs that show them.
    "cluster/": COMMON + ALL_PROTOS + ["api/", "google/", "grpc/health/"],
    "demo/": COMMON + ALL_PROTOS + ["api/", "google/", "cluster/"],
    # Tests see everything.
    "tests/": COMMON + ALL_PROTOS + SERVICES + GRPC_DETAILS + [
        "api/", "bench/", "demo/", "cluster/", "sagactl/"],
    # The world of tests and simulations knows the seams, and no service.
    "tests/world/": COMMON + ALL_PROTOS + GRPC_DETAILS + ["api/", "tests/support/"],
    # The judge of simulated runs is an oracle of its own: it shares no code with what it judges.
    "tests/simulation/checker": ["tests/simulation/history.h"],
    "tests/simulation/history.h": [],
}

# Tests that do with gRPC what no code of ours does: call streams, keep a queue busy.
RPC_TESTS = (r"tests/unit/common/rpc/(io_thread|stream)_test\.cc|tests/integration/watch_test\.cc"
             r"|tests/harness/event_reader\.cc")
# Libraries that only these files may include.
CONFINED = [
    (re.compile(r"grpcpp/|grpc/(?!health/|reflection/)|.*\.grpc\.pb\.h$"),
     re.compile(r"common/rpc/([^/]*\.cc|(call|convert|raw_service|request|stream)\.h)|bench/null_chain[^/]*\.cc|"
                + RPC_TESTS),
     "gRPC stays inside common/rpc/*.cc"),
    (re.compile(r"common/rpc/(call|convert|health|raw_service|reflection|request|stream|typed_streams)\.h$"),
     re.compile(r"common/rpc/.*|" + RPC_TESTS),
     "this header is internal to common/rpc: it brings in gRPC"),
    (re.compile(r"sqlite3\.h$"),
     re.compile(r"common/sqlite/.*|tests/.*"),
     "SQLite stays inside common/sqlite"),
    # A service does not know where its rows are kept, nor what time it is. A payment gateway has
    # threads of its own, on which its answers come: the client is where they meet the logic. In a watch the
    # loop meets the query worker.
    (re.compile(r"common/sqlite/"),
     re.compile(r"common/(sqlite|process)/.*|bench/one_thread/.*|tests/.*"),
     "stores come from the world: use common/store/lane.h"),
    (re.compile(r"absl/time/clock\.h|chrono|thread|mutex|random"),
     re.compile(r"(?!orchestrator/|seat_svc/|payment_svc/|reservation_svc/|simulated_provider/|"
                r"common/(node|store|participant)/).*|payment_svc/gateway_client\.h|common/node/(health|loop|passes|thread_worker)\.(h|cc)|"
                r"(reservation|seat)_svc/[a-z]+_watches\.h|orchestrator/service/event_watches\.h|"
                r"common/store/model.*|orchestrator/core/definition\.h|orchestrator/sagas/.*"),
     "time, threads and chance come from the world: see common/node/world.h"),
    (re.compile(r"libpq"),
     re.compile(r"bench/baselines/pg_connection\.cc"),
     "libpq stays inside bench/baselines/pg_connection.cc: the product does not need it"),
    (re.compile(r"CLI/"),
     re.compile(r"common/process/command_line\.cc|(orchestrator|[a-z]+_svc)/main\.cc"
                r"|payment_svc/payment_flags\.cc"),
     "CLI11 stays inside common/process/command_line.cc: use CommandLine"),
    (re.compile(r"spdlog/"),
     re.compile(r"common/log\.cc|tests/.*"),
     "spdlog stays inside common/log.cc"),
]

# The pure folders: the standard library and Abseil, without what reaches for the world outside.
PURE = ("orchestrator/core/", "orchestrator/sagas/")
IMPURE = re.compile(
    r"absl/(time/clock|synchronization|random|debugging|flags|log)\b.*"
    r"|thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|atomic|stop_token"
    r"|random|fstream|iostream|filesystem|cstdio|ctime")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FOLDERS = ["api", "common", "orchestrator", "seat_svc", "payment_svc", "reservation_svc",
           "simulated_provider", "sagactl", "cluster", "demo", "bench", "tests"]


def folder_of(path):
    """The key of MAY_INCLUDE that rules this file."""
    return max((key for key in MAY_INCLUDE if path.startswith(key)), key=len, default=None)


def matches(target, prefix):
    if prefix.startswith("proto:"):
        prefix = "seatsaga/" + prefix.removeprefix("proto:") + "/v1/"
    return target.startswith(prefix)


def breach(path, bracket, target):
    """Why the file at `path` may not include `target`; None if it may."""
    for library, allowed_in, why in CONFINED:
        if library.match(target) and not allowed_in.fullmatch(path):
            return why
    folder = folder_of(path)
    if folder is None:
        return "no rule for this folder: add one to tests/lint/include_rules.py"
    if path.startswith(PURE):
        if IMPURE.fullmatch(target):
            return f"{folder} is pure: no clock, thread, randomness or I/O"
        if bracket == "<" and not re.fullmatch(r"[a-z_]+", target):
            return f"{folder} includes only the standard library and Abseil"
    if bracket == "<" or target.startswith(("absl/", folder)):
        return None
    if any(matches(target, prefix) for prefix in MAY_INCLUDE[folder]):
        return None
    return f"{folder} may not include it"


def includes(file):
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if found := INCLUDE.match(line):
            yield number, found.group(1), found.group(2)


def check(root):
    """All breaches under `root` as lines of text, and how many includes were read."""
    breaches, count = [], 0
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            path = file.relative_to(root).as_posix()
            for number, bracket, target in includes(file):
                count += 1
                if why := breach(path, bracket, target):
                    breaches.append(f'{path}:{number}: "{target}": {why}')
    return breaches, count


def main(arguments):
    here = pathlib.Path(__file__).resolve().parents[2]
    breaches, count = check(pathlib.Path(arguments[0]) if arguments else here)
    if count == 0:
        breaches = ["no includes found: is this the repository's root?"]
    print("\n".join(breaches or [f"{count} includes follow the rules"]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
