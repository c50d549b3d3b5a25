#!/usr/bin/env bash
# A client that we did not write: buf curl finds the APIs by server reflection, creates an event, makes a
# reservation and reads it back, holds seats, pays for them later, exchanges, cancels, and watches.
set -euo pipefail

# shellcheck source=tests/cli/cluster.bash
source "$(dirname "$0")/cluster.bash"
start_cluster

# call ADDRESS METHOD JSON, within $limit
limit=10s
call() {
  "$buf" curl --protocol grpc --http2-prior-knowledge --timeout "$limit" -d "$3" "http://$1/$2"
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

# fails CALL... : the error of a call that must be refused
fails() {
  local error
  if error=$(call "$@" 2>&1); then
    echo "was accepted: $*" >&2
    return 1
  fi
  echo "$error"
}

# names ERROR WORD...
names() {
  local error=$1 word
  shift
  for word; do
    [[ $error == *"$word"* ]] || { echo "'$word' is not in the error: $error" >&2; return 1; }
  done
}

new_id() { python3 -c 'import uuid; print(uuid.uuid4())'; }

service=seatsaga.reservation.v1.ReservationService

# available COUNT
available() {
  local event
  event=$(call "$seats" seatsaga.seat.v1.SeatService/GetEvent '{"event_id": "hamlet"}')
  expect "$event" event.availableSeatCount "$1"
}

event=$(call "$seats" seatsaga.seat.v1.SeatService/CreateEvent '{"event": {"event_id": "hamlet",
  "display_name": "Hamlet", "currency": "EUR", "start_time": "2999-12-24T19:00:00Z",
  "refund_rules": [{"before_start": "86400s", "percent": 80}], "sections": [{"name": "stalls", "price_minor": 2500,
  "rows": [{"name": "A", "seat_count": 20}]}]}}')
expect "$event" event.eventId hamlet
expect "$event" event.seatCount 20
expect "$event" event.availableSeatCount 20

request_id=$(new_id)
made=$(call "$reservations" "$service/CreateReservation" \
  '{"request_id": "'"$request_id"'", "user_id": "alice", "event_id": "hamlet",
    "items": [{"seat": "stalls/A/1"}, {"seat": "stalls/A/2"}], "payment_token": "tok_visa", "wait": "5s"}')
expect "$made" reservation.state RESERVATION_STATE_CONFIRMED
expect "$made" reservation.requestId "$request_id"
expect "$made" reservation.price.amountMinor 5000
expect "$made" reservation.price.currency EUR

id=$(field "$made" reservation.reservationId)
read_back=$(call "$reservations" "$service/GetReservation" '{"reservation_id": "'"$id"'"}')
[[ $read_back == "$made" ]] || { echo "read back: $read_back, made: $made" >&2; exit 1; }
expect "$read_back" reservation.userId alice
expect "$read_back" reservation.seatIds.1 stalls/A/2
available 18

# An error has a code and words that help.
error=$(fails "$reservations" "$service/GetReservation" '{"reservation_id": "nonsense"}')
names "$error" invalid_argument reservation_id

# Hold, pay later, cancel.
held=$(call "$reservations" "$service/CreateReservation" \
  '{"request_id": "'"$(new_id)"'", "user_id": "alice", "event_id": "hamlet", "items": [{"seat": "stalls/A/3"}],
    "mode": "RESERVATION_MODE_HOLD", "hold_duration": "60s", "wait": "5s"}')
expect "$held" reservation.state RESERVATION_STATE_HELD
expect "$held" reservation.price.amountMinor 2500
held_id=$(field "$held" reservation.reservationId)
available 17

extended=$(call "$reservations" "$service/ExtendHold" \
  '{"reservation_id": "'"$held_id"'", "hold_duration": "600s"}')
[[ $(field "$extended" reservation.expireTime) > $(field "$held" reservation.expireTime) ]] ||
  { echo "not extended: $extended, held: $held" >&2; exit 1; }

# pay ETAG
pay() {
  echo '{"reservation_id": "'"$held_id"'", "request_id": "'"$(new_id)"'", "payment_token": "tok_visa",
    "etag": "'"$1"'", "wait": "5s"}'
}
error=$(fails "$reservations" "$service/PayReservation" "$(pay "$(field "$held" reservation.etag)")")
names "$error" aborted "$held_id"
paid=$(call "$reservations" "$service/PayReservation" "$(pay "$(field "$extended" reservation.etag)")")
expect "$paid" reservation.state RESERVATION_STATE_CONFIRMED

# Another seat instead, and a seat less.
paid=$(call "$reservations" "$service/ExchangeSeats" \
  '{"reservation_id": "'"$held_id"'", "request_id": "'"$(new_id)"'", "give_back_seat_ids": ["stalls/A/3"],
    "items": [{"seat": "stalls/A/4"}], "etag": "'"$(field "$paid" reservation.etag)"'", "wait": "5s"}')
expect "$paid" reservation.state RESERVATION_STATE_CONFIRMED
expect "$paid" reservation.seatIds.0 stalls/A/4
fewer=$(call "$reservations" "$service/CancelReservation" \
  '{"reservation_id": "'"$id"'", "request_id": "'"$(new_id)"'", "seat_ids": ["stalls/A/1"], "wait": "5s"}')
expect "$fewer" reservation.state RESERVATION_STATE_CONFIRMED
expect "$fewer" reservation.seatIds.0 stalls/A/2
expect "$fewer" reservation.payments.0.refunded.amountMinor 2000

# cancel VALIDATE_ONLY
cancel_id=$(new_id)
cancel() {
  echo '{"reservation_id": "'"$held_id"'", "request_id": "'"$cancel_id"'", "validate_only": '"$1"',
    "etag": "'"$(field "$paid" reservation.etag)"'", "wait": "5s"}'
}
announced=$(call "$reservations" "$service/CancelReservation" "$(cancel true)")
expect "$announced" reservation.state RESERVATION_STATE_CANCELLING
expect "$announced" reservation.refund.amountMinor 2000
unchanged=$(call "$reservations" "$service/GetReservation" '{"reservation_id": "'"$held_id"'"}')
[[ $unchanged == "$paid" ]] || { echo "changed: $unchanged, before: $paid" >&2; exit 1; }
cancelled=$(call "$reservations" "$service/CancelReservation" "$(cancel false)")
expect "$cancelled" reservation.state RESERVATION_STATE_CANCELLED
expect "$cancelled" reservation.reason CANCELLED_BY_CLIENT
expect "$cancelled" reservation.refund.amountMinor 2000
available 19

# A watch of a reservation that has ended shows it and ends. A watch of seats begins with a snapshot, and ends with
# the deadline of the client.
watched=$(call "$reservations" "$service/WatchReservation" \
  '{"reservation_id": "'"$held_id"'", "until_cancelled": true}')
[[ $watched == "$(call "$reservations" "$service/GetReservation" '{"reservation_id": "'"$held_id"'"}')" ]] ||
  { echo "watched: $watched" >&2; exit 1; }
map=$(limit=1s call "$seats" seatsaga.seat.v1.SeatService/WatchSeats '{"event_id": "hamlet"}' 2>/dev/null || true)
expect "$map" reservedSeatIds.0 stalls/A/2
expect "$map" snapshotComplete True

# The saga may come to its end a little later than the reservation.
audit() {
  "$bin/sagactl" --orchestrator="127.0.0.1:$((port + 3))" --reservations="$reservations" \
    --seats="$seats" --payments="127.0.0.1:$((port + 2))" audit --quiescent
}
for ((i = 0; i < 100; ++i)); do
  findings=$(audit) && break
  sleep 0.1
done
((i < 100)) || { echo "$findings" >&2; exit 1; }

# Ctrl-C drains all four, and status 0 says so.
stop_cluster
echo "buf curl made reservation $id, and held, paid for, exchanged and cancelled $held_id"
