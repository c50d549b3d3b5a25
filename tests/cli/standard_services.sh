#!/usr/bin/env bash
# What gRPC servers are expected to speak besides their own APIs: reflection in both versions, and health,
# asked once or watched until the server drains.
set -euo pipefail

# shellcheck source=tests/cli/cluster.bash
source "$(dirname "$0")/cluster.bash"
start_cluster

curl=("$buf" curl --protocol grpc --http2-prior-knowledge)

for version in grpc-v1 grpc-v1alpha; do
  services=$("${curl[@]}" --reflect-protocol "$version" --list-services "http://$seats")
  for service in seatsaga.seat.v1.SeatService seatsaga.saga.v1.ParticipantService grpc.health.v1.Health \
    grpc.reflection.v1.ServerReflection; do
    grep -qx "$service" <<<"$services" || { echo "$version does not list $service: $services" >&2; exit 1; }
  done
done
methods=$("${curl[@]}" --list-methods "http://$seats")
for method in ReserveSeats WatchSeats; do
  grep -qx "seatsaga.seat.v1.SeatService/$method" <<<"$methods"
done

# Supervisors need not set a deadline.
health=http://$seats/grpc.health.v1.Health
"${curl[@]}" -d '{"service": "seatsaga.seat.v1.SeatService"}' "$health/Check" | grep -q '"SERVING"'
if unknown=$("${curl[@]}" -d '{"service": "nobody"}' "$health/Check" 2>&1); then
  echo "the health of a service that is not here: $unknown" >&2
  exit 1
fi
grep -q not_found <<<"$unknown"

# wait_for FILE TEXT
wait_for() {
  for ((i = 0; i < 300; ++i)); do
    grep -qs "$2" "$1" && return
    sleep 0.1
  done
  echo "no $2 in $1:" >&2
  cat "$1" >&2
  return 1
}

"${curl[@]}" -d '{}' "$health/Watch" >"$folder/watch" 2>"$folder/watch_end" &
watch=$!
"${curl[@]}" -d '{"service": "nobody"}' "$health/Watch" >"$folder/nobody" 2>&1 &
nobody=$!
wait_for "$folder/watch" '"SERVING"'
wait_for "$folder/nobody" '"SERVICE_UNKNOWN"'
kill "$nobody"
stop_cluster
wait_for "$folder/watch" '"NOT_SERVING"'
if wait "$watch"; then echo "the watch outlived its server" >&2; exit 1; fi
grep -q unavailable "$folder/watch_end"
echo "reflection and health are as the standards say"
