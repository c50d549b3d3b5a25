#!/usr/bin/env bash
# A client that we did not write: buf curl finds the APIs by server reflection, creates an event, makes a
# reservation and reads it back.
set -euo pipefail

# shellcheck source=tests/cli/cluster.bash
source "$(dirname "$0")/cluster.bash"
start_cluster

# call ADDRESS METHOD JSON
call() {
  "$buf" curl --protocol grpc --http2-prior-knowledge --timeout 10s -d "$3" "http://$1/$2"
}

# field JSON PATH: the value at a path such as event.seatCount
field() {
  python3 -c '
import json, sys
value = json.loads(sys.argv[1])
for key in sys.argv[2].split("."):
    value = value[int(key)] if isinstance(value, list) else value[key]
print(value)' "$1" "$2"
}

# expect JSON PATH VALUE
expect() {
  local seen
  seen=$(field "$1" "$2")
  [[ $seen == "$3" ]] || { echo "$2 is '$seen', not '$3', in: $1" >&2; return 1; }
}

event=$(call "$seats" seatsaga.seat.v1.SeatService/CreateEvent '{"event": {"event_id": "hamlet",
  "display_name": "Hamlet", "currency": "EUR", "sections": [{"name": "stalls", "price_minor": 2500,
  "rows": [{"name": "A", "seat_count": 20}]}]}}')
expect "$event" event.eventId hamlet
expect "$event" event.seatCount 20
expect "$event" event.availableSeatCount 20

request_id=$(python3 -c 'import uuid; print(uuid.uuid4())')
made=$(call "$reservations" seatsaga.reservation.v1.ReservationService/CreateReservation \
  '{"request_id": "'"$request_id"'", "user_id": "alice", "event_id": "hamlet",
    "seat_ids": ["stalls/A/1", "stalls/A/2"], "payment_token": "tok_visa", "wait": "5s"}')
expect "$made" reservation.state RESERVATION_STATE_CONFIRMED
expect "$made" reservation.requestId "$request_id"
expect "$made" reservation.price.amountMinor 5000
expect "$made" reservation.price.currency EUR

id=$(field "$made" reservation.reservationId)
read_back=$(call "$reservations" seatsaga.reservation.v1.ReservationService/GetReservation \
  '{"reservation_id": "'"$id"'"}')
[[ $read_back == "$made" ]] || { echo "read back: $read_back, made: $made" >&2; exit 1; }
expect "$read_back" reservation.userId alice
expect "$read_back" reservation.seatIds.1 stalls/A/2

event=$(call "$seats" seatsaga.seat.v1.SeatService/GetEvent '{"event_id": "hamlet"}')
expect "$event" event.availableSeatCount 18

# An error has a code and words that help.
if error=$(call "$reservations" seatsaga.reservation.v1.ReservationService/GetReservation \
  '{"reservation_id": "nonsense"}' 2>&1); then
  echo "nonsense was accepted" >&2
  exit 1
fi
[[ $error == *invalid_argument* && $error == *reservation_id* ]] ||
  { echo "unexpected error: $error" >&2; exit 1; }

# Ctrl-C drains all four, and status 0 says so.
stop_cluster
echo "buf curl made reservation $id and read it back"
