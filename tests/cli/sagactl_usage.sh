#!/usr/bin/env bash
# What sagactl does without any server: help, usage errors, completions, an address where nobody listens.
set -euo pipefail

sagactl="${SEATSAGA_BIN_DIR:?the folder of the built programs}/sagactl"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
# The user's own settings must not decide what is tested.
unset SEATSAGA_ORCHESTRATOR SEATSAGA_RESERVATION_SVC SEATSAGA_SEAT_SVC SEATSAGA_PAYMENT_SVC \
  SEATSAGA_DEADLINE
id=01890a5d-ac96-774b-bcce-b302099a8057
nobody="unix:$scratch/nobody"
failures=0

fail() {
  echo "FAILED: $*"
  sed 's/^/  stdout: /' "$scratch/out"
  sed 's/^/  stderr: /' "$scratch/err"
  failures=$((failures + 1))
}

# run STATUS ARGUMENTS...: runs sagactl and checks its exit status.
run() {
  local want=$1 got=0
  shift
  last="sagactl $*"
  "$sagactl" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
  [ "$got" = "$want" ] || fail "$last: exit status $got, not $want"
}
out_has() { grep -qF -- "$1" "$scratch/out" || fail "$last: no '$1' on stdout"; }
err_has() { grep -qF -- "$1" "$scratch/err" || fail "$last: no '$1' on stderr"; }
out_is_empty() { [ ! -s "$scratch/out" ] || fail "$last: something on stdout"; }

run 0 --help
out_has Examples
out_has "Exit status"
commands="list show watch stats retry compensate audit completion version"
for command in $commands; do out_has "$command"; done
for command in $commands; do
  run 0 "$command" --help
  out_has "Examples"
  out_has "sagactl $command"
  out_has "--orchestrator"
done

for version in --version version; do
  run 0 "$version"
  out_has "sagactl 0."
done

run 2
err_has "a command is needed"
out_is_empty
run 2 lsit
err_has "did you mean \`sagactl list\`?"
run 2 frobnicate
err_has "is not a command"
run 2 show
err_has "ID"
run 2 show 42
err_has "not an id"
run 2 show "$id" "$id"
run 2 list --state stuck
err_has "parked"
run 2 list --min-age 5
err_has "5m"
run 2 list --limit 0
run 2 list --nonsense
run 2 list --attention "$id"
run 2 list --all --limit 3
run 2 -o yaml list
run 2 list --deadline never
run 2 completion tcsh

# UNAVAILABLE is 14.
for command in list "list --attention" "list -o json" "list $id" "show $id" "watch $id" stats \
  "retry $id" "compensate $id"; do
  # shellcheck disable=SC2086  # words of a command line
  run 78 --orchestrator "$nobody" $command
  err_has UNAVAILABLE
  err_has "is orchestrator running at $nobody?"
  out_is_empty
done
run 78 audit --payments "$nobody"
err_has "is payment_svc running at $nobody?"
SEATSAGA_ORCHESTRATOR="$nobody" run 78 stats
err_has "$nobody"

run 0 completion bash
bash -n "$scratch/out" || fail "bash cannot read its completion"
words="$(bash -c 'source "$1"; COMP_WORDS=(sagactl list --sta); COMP_CWORD=2; _sagactl
  echo "${COMPREPLY[*]}"; COMP_WORDS=(sagactl list --state par); COMP_CWORD=3; _sagactl
  echo "${COMPREPLY[*]}"; COMP_WORDS=(sagactl comp); COMP_CWORD=1; _sagactl
  echo "${COMPREPLY[*]}"' - "$scratch/out" | tr '\n' ,)"
[ "$words" = "--state,parked,compensate completion," ] || fail "bash completes to: $words"
for shell in zsh fish; do
  run 0 completion "$shell"
  out_has sagactl
  if command -v "$shell" >/dev/null; then
    "$shell" -n "$scratch/out" || fail "$shell cannot read its completion"
  fi
done

[ "$failures" = 0 ] || exit 1
echo "sagactl: every usage case holds"
