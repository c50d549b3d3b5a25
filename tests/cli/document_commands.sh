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
# The id of the newest answer, which a reader copies into the README's ID=....
answered_id() { sed -n 's/.*"reservationId": "\(.*\)".*/\1/p' "$1" | tail -1; }
bash_blocks README.md |
  sed -E "s#localhost:5005([1-4])#127.0.0.1:\$((port + \1 - 1))#; s#build/release/bin/#$bin/#
    s#^ID=.*#ID=\$(answered_id \$output)#" >"$folder/commands"
commands=$(grep -cE '^(grpcurl|/)' "$folder/commands")
((commands >= 8)) || { echo "only $commands commands found in README.md" >&2; exit 1; }

# run_commands OUTPUT
run_commands() {
  output=$1
  set -x
  # shellcheck source=/dev/null
  source "$folder/commands" >"$output"
  { set +x; } 2>/dev/null
}
# values_of NAME OUTPUT: what the answers say of it, in their order, each followed by a space.
values_of() { sed -n "s/^ *\"$1\": \"\(.*\)\".*/\1/p" "$2" | tr '\n' ' '; }
# JSON without what differs between two runs.
normal() { tr -d ' \n' | sed -E 's/"[0-9a-f]{8}-[0-9a-f-]{27}"/ID/g; s/"20[0-9-]{8}T[^"]*"/TIME/g'; }

run_commands "$folder/output"
cat "$folder/output"
grep -q '"availableSeatCount": 40' "$folder/output"
[[ $(values_of state "$folder/output") == \
  "RESERVATION_STATE_CONFIRMED RESERVATION_STATE_HELD RESERVATION_STATE_CONFIRMED RESERVATION_STATE_CANCELLED " ]]

# What the README shows of the answers.
answers=$(normal <"$folder/output")
shown=$(awk '/^```/ { kind = kind == "" ? $0 : ""; next } kind == "```" && /^    "/' README.md)
(($(wc -l <<<"$shown") >= 8)) || { echo "README.md shows no answers" >&2; exit 1; }
while read -r line; do
  [[ $answers == *"$(normal <<<"$line")"* ]] || { echo "no answer says $line" >&2; exit 1; }
done <<<"$shown"

# "the same request_id returns the same reservation, and nothing is charged twice"
paid_id=$(sed -n 's/.*"reservationId": "\(.*\)".*/\1/p' "$folder/output" | head -1)
held_id=$(answered_id "$folder/output")
[[ $paid_id != "$held_id" ]]
run_commands "$folder/again"
[[ $(values_of reservationId "$folder/again") == "$paid_id $held_id $held_id $held_id " ]]
grep -q '90.00 EUR captured and not refunded' "$folder/again"

data_commands=$(bash_blocks docs/data-model.md)
(cd "$folder/data" && set -e && eval "$data_commands") >"$folder/by_hand"
cat "$folder/by_hand"
grep -q '^1|13500|EUR$' "$folder/by_hand"
grep -q '^2|4500|EUR$' "$folder/by_hand"
[[ -s $folder/data/reservation_svc.copy ]]

"$bin/sagactl" show "$paid_id" | grep confirm_reservation
"$bin/sagactl" show "$held_id" | grep await_payment
stop_cluster
echo "the documents' commands work"
