#!/usr/bin/env bash
# Every program says which version it is: the one in CMakeLists.txt.
set -euo pipefail

bin=${SEATSAGA_BIN_DIR:?the folder of the built programs}
version=$(sed -nE 's/^project\(SeatSaga VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)

for program in seat_svc payment_svc reservation_svc orchestrator sagactl seatsaga-demo seatsaga-up \
  seatsaga-bench seatsaga-bench-probe seatsaga-bench-suite seatsaga-instructions seatsaga-null-chain; do
  said=$("$bin/$program" --version)
  [[ $said == "$program $version (SeatSaga)" ]] || { echo "$program --version: $said" >&2; exit 1; }
done
[[ $("$bin/sagactl" version) == "sagactl $version (SeatSaga)" ]]
