#!/usr/bin/env bash
# The documents' commands do what they say: every block marked bash in the README runs as it stands,
# against servers on other ports, and with buf curl in the part of grpcurl, which Debian does not
# package; then those of docs/data-model.md, in the folder of the databases.
set -euo pipefail

# shellcheck source=tests/cli/cluster.bash
source "$(dirname "$0")/cluster.bash"
start_cluster

# grpcurl -plaintext -max-time SECONDS -d JSON ADDRESS METHOD
grpcurl() {
  [[ $1 == -plaintext && $2 == -max-time && $4 == -d ]] ||
    { echo "the README calls grpcurl in a way this test does not know: $*" >&2; return 1; }
  "$buf" curl --protocol grpc --http2-prior-knowledge --timeout "$3s" -d "$5" "http://$6/$7"
}
export SEATSAGA_RESERVATION_SVC=127.0.0.1:$port SEATSAGA_SEAT_SVC=127.0.0.1:$((port + 1))
export SEATSAGA_PAYMENT_SVC=127.0.0.1:$((port + 2)) SEATSAGA_ORCHESTRATOR=127.0.0.1:$((port + 3))

bash_blocks() { awk '/^```bash$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"; }
bash_blocks README.md |
  sed -E "s#localhost:5005([1-4])#127.0.0.1:\$((port + \1 - 1))#; s#build/release/bin/#$bin/#" \
    >"$folder/commands"
commands=$(grep -cE '^(grpcurl|/)' "$folder/commands")
((commands >= 5)) || { echo "only $commands commands found in README.md" >&2; exit 1; }

set -x
# shellcheck source=/dev/null
source "$folder/commands" >"$folder/output"
set +x
cat "$folder/output"
grep -q '"availableSeatCount": 40' "$folder/output"
grep -q '"state": "RESERVATION_STATE_CONFIRMED"' "$folder/output"

# "the same request_id returns the same reservation, and nothing is charged twice"
id=$(sed -n 's/.*"reservationId": "\(.*\)".*/\1/p' "$folder/output")
# shellcheck source=/dev/null
source "$folder/commands" >"$folder/again"
grep -q "\"reservationId\": \"$id\"" "$folder/again"
grep -q '90.00 EUR captured and not refunded' "$folder/again"

data_commands=$(bash_blocks docs/data-model.md)
(cd "$folder/data" && set -e && eval "$data_commands") >"$folder/by_hand"
cat "$folder/by_hand"
grep -q '^1|9000|EUR$' "$folder/by_hand"
[[ -s $folder/data/reservation_svc.copy ]]

"$bin/sagactl" show "$id" | grep confirm_reservation
stop_cluster
echo "the documents' commands work"
