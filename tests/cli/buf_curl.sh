#!/usr/bin/env bash
# A client that we did not write: buf curl finds the APIs by server reflection, creates an event, makes a
# reservation and reads it back.
set -euo pipefail

bin=${SEATSAGA_BIN_DIR:?the folder of the built programs}
buf=$PWD/node_modules/.bin/buf
command -v node >/dev/null || { echo "node is missing: ./dev test installs it" >&2; exit 1; }
[[ -x $buf ]] || { echo "$buf is missing: run npm ci, or ./dev test" >&2; exit 1; }

folder=$(mktemp -d)
up=
clean_up() {
  local status=$?
  [[ -z $up ]] || { kill "$up" 2>/dev/null || true; wait "$up" 2>/dev/null || true; }
  if ((status != 0)); then
    echo "FAILED with status $status; the servers said:" >&2
    cat "$folder/up.log" >&2 || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT

# Four free ports in a row, below those of outgoing connections.
port=$(python3 - <<'PYTHON'
import random, socket
def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
print(next(base for base in random.sample(range(10000, 19996, 4), 2000)
           if all(free(base + i) for i in range(4))))
PYTHON
)
reservations=127.0.0.1:$port
seats=127.0.0.1:$((port + 1))

"$bin/seatsaga-up" --port-base "$port" --data-dir "$folder/data" >"$folder/up.log" 2>&1 &
up=$!
for ((i = 0; i < 300; ++i)); do
  grep -q 'SeatSaga is up' "$folder/up.log" && break
  kill -0 "$up" 2>/dev/null || { echo "seatsaga-up has ended" >&2; exit 1; }
  sleep 0.1
done

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
kill -INT "$up"
wait "$up" && status=0 || status=$?
up=
((status == 0)) || { echo "seatsaga-up ended with status $status" >&2; exit 1; }
echo "buf curl made reservation $id and read it back"
