"""Which measurements make up a round, and in which order."""

from typing import NamedTuple

SIDES = ("seatsaga", "null_chain")
TRANSPORTS = ("unix", "tcp")
# Rates under load, measured in every round.
LOADS = ("declines", "slow_provider", "hot_hall", "open_loop_half_peak", "hold_and_pay", "live_holds",
         "expiring_holds")
OTHER_TRANSPORT = "other_transport"
SCENARIOS = (*LOADS, OTHER_TRANSPORT, "halls", "restart")
DECLINES_IN_FLIGHT = 128
SLOW_PROVIDER_IN_FLIGHT = 512
SLOW_PROVIDER_MS = 50
HOT_HALL_CLIENTS = 200
HOT_HALL_SEATS = 50  # what the load generator leaves
OPEN_LOOP_IN_FLIGHT_MAX = 4096
STORED_IN_FLIGHT = 128
HOLDS_IN_FLIGHT = 128  # beside holds that are live, or expire
EXPIRING_SHARE = 0.1  # of --holds
EXPIRY_S = 1.0  # measured: about as long as it takes to undo them
# What the null chain's runs with as many clients as the hot hall are filed as.
HOT_HALL_FLOOR = "hot_hall_floor"


class Run(NamedTuple):
    """One run of the load generator."""
    system: str     # that it calls
    scenario: str   # the load generator's
    in_flight: int
    filed_as: str   # the name in the results
    of_peak: float = 0  # share of the peak rate that is offered in an open loop; 0 for a closed loop
    duration_s: float = 0  # 0: as long as the options say

    @property
    def filed_under(self):
        """All SeatSaga clusters are filed as SeatSaga, whichever of them ran the scenario."""
        return self.system if self.system == "null_chain" else "seatsaga"


def rotated(sides, shift):
    """Another side goes first in each round, so that none always profits from it."""
    shift %= len(sides)
    return [*sides[shift:], *sides[:shift]]


def round_of(levels, scenarios, shift):
    """One round. Runs that are compared are in the same round: if the machine gets slower or faster from
    round to round, it does so for both."""
    runs = [Run(system, "happy", in_flight, "happy")
            for in_flight in levels for system in rotated(SIDES, shift)]
    if "declines" in scenarios:
        runs.append(Run("mixed", "declines", DECLINES_IN_FLIGHT, "declines"))
    if "slow_provider" in scenarios:
        runs.append(Run("slow", "happy", SLOW_PROVIDER_IN_FLIGHT, "slow_provider"))
    if "hot_hall" in scenarios:
        runs += rotated([Run("mixed", "hot_hall", HOT_HALL_CLIENTS, "hot_hall"),
                         Run("null_chain", "happy", HOT_HALL_CLIENTS, HOT_HALL_FLOOR)], shift)
    if "hold_and_pay" in scenarios:
        runs += [Run("mixed", "hold_and_pay", in_flight, "hold_and_pay")
                 for in_flight in levels if in_flight > 1]
    if "live_holds" in scenarios:
        runs.append(Run("holding", "happy", HOLDS_IN_FLIGHT, "live_holds"))
    if "expiring_holds" in scenarios:
        runs.append(Run("mixed", "expiring_holds", HOLDS_IN_FLIGHT, "expiring_holds", duration_s=EXPIRY_S))
    if "open_loop_half_peak" in scenarios:
        runs.append(Run("seatsaga", "happy", OPEN_LOOP_IN_FLIGHT_MAX, "open_loop_half_peak", 0.5))
    return runs


def stored_round(shift):
    """Databases that hold many reservations, beside a cluster that started empty."""
    return rotated([Run("seatsaga", "happy", STORED_IN_FLIGHT, "many_stored"),
                    Run("fresh", "happy", STORED_IN_FLIGHT, "few_stored")], shift)
