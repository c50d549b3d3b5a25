# Sourced by scripts that need the four servers, on free ports in a folder of their own. start_cluster
# sets port (the first of four), reservations and seats; the servers end with the script.

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

start_cluster() {
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
    grep -qs 'SeatSaga is up' "$folder/up.log" && break
    kill -0 "$up" 2>/dev/null || { echo "seatsaga-up has ended" >&2; exit 1; }
    sleep 0.1
  done
}

# Ctrl-C drains all four, and status 0 says so.
stop_cluster() {
  local status=0
  kill -INT "$up"
  wait "$up" || status=$?
  up=
  ((status == 0)) || { echo "seatsaga-up ended with status $status" >&2; return 1; }
}
