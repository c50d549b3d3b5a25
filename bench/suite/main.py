#!/usr/bin/env python3
"""seatsaga-bench-suite: compares SeatSaga's speed with that of the null chain, in one run.

Starts SeatSaga's four servers, with their databases on a disk, and the null chain. One load generator makes
reservations with each in turn. Exit status: 0 if every reservation ended in the expected state, whatever the
speed; 1 if not; 2 for wrong arguments.
"""

import contextlib
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

from seatsaga_bench import options as command_line  # noqa: E402
from seatsaga_bench import baselines, documents, other_transport, processes, text  # noqa: E402
from seatsaga_bench.processes import SuiteError  # noqa: E402
from seatsaga_bench.suite import Suite  # noqa: E402

UNIX_PATH_MAX = 100  # the longest path of a Unix socket, with some room


def interrupt(*_):
    raise KeyboardInterrupt


@contextlib.contextmanager
def scratch_folder(options):
    folder = pathlib.Path(tempfile.mkdtemp(
        prefix="seatsaga-bench-", dir=processes.scratch_parent(options.scratch)))
    try:
        longest = folder / "beside_slow_provider" / "seat.sock"
        if "unix" in other_transport.all_of(options) and len(str(longest)) > UNIX_PATH_MAX:
            raise SuiteError(f"{folder} is too long for Unix sockets; choose a shorter --scratch")
        yield folder
    finally:
        if options.keep:
            print(f"seatsaga-bench-suite: databases and logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def print_version():
    """That of the load generator, which is built with this."""
    line = subprocess.run([HERE / "seatsaga-bench", "--version"], check=True, capture_output=True, text=True)
    print(line.stdout.replace("seatsaga-bench", "seatsaga-bench-suite", 1), end="")


def main(arguments):
    options = command_line.parse(arguments, __doc__.split("\n", 2)[2])
    if options.version:
        print_version()
        return 0
    signal.signal(signal.SIGTERM, interrupt)
    try:
        if options.report:
            documents.write(options.report, pathlib.Path("docs"))
            return 0
        baselines.check_installed(options, HERE)
        with scratch_folder(options) as folder:
            output = Suite(options, folder, HERE).run()
    except SuiteError as error:
        print(f"seatsaga-bench-suite: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("seatsaga-bench-suite: interrupted; all servers are stopped", file=sys.stderr)
        return 1
    print(json.dumps(output, indent=2) if options.output == "json" else text.render(output))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
