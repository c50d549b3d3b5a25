"""What is measured without load, by seatsaga-bench-probe."""

import json

from .processes import SuiteError, run_command

ENDS_WITHIN_S = 300


def run(system, name, *arguments):
    """What `seatsaga-bench-probe NAME` measures in a SeatSaga cluster."""
    command = [system.bin_folder / "seatsaga-bench-probe", "--reservations", system.target,
               "--seats", system.seats, "--payments", system.payments, "--sagas", system.sagas,
               name, *arguments]
    return json.loads(output_of(f"{system.name}: probe {name}", command))


def audit(system):
    """The counts of `sagactl audit`, which must find no fault and nothing in flight."""
    command = [system.bin_folder / "sagactl", "--reservations", system.target,
               "--seats", system.seats, "--payments", system.payments,
               "--orchestrator", system.sagas, "audit", "--quiescent", "--output", "json"]
    return json.loads(output_of(f"{system.name}: audit", command))["counts"]


def output_of(what, command):
    done = run_command(what, command, ENDS_WITHIN_S)
    if done.returncode != 0:
        raise SuiteError(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
