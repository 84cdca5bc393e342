# shellcheck shell=bash
# What the cases share. A case is a script that runs as root inside the system, reads this file,
# and passes if it ends with status 0; its output is shown where it does not. Status 77: see skip.
set -euo pipefail

# From run: the repository, the directory of the programs under test, what `make install` would install
# of them, and where a Rust toolchain is, if there is one.
: "${ROOT:?}" "${PROGRAMS:?}" "${STAGE:?}" "${RUST=}"

fail() {
    echo "$*" >&2
    exit 1
}

# Ends a case that cannot be tried here.
skip() { # WHY
    trap - EXIT
    echo "$*"
    exit 77
}

# Says where a case ended that did not say so itself.
trap 'echo "$0, line $LINENO: $BASH_COMMAND: status $?" >&2' ERR

is() { # WHAT FOUND EXPECTED
    [ "$2" = "$3" ] || fail "$1 is \"$2\" and should be \"$3\""
}

# Installs the product as an operator does.
install_product() {
    make --silent --no-print-directory -C "$ROOT" install stage="$STAGE"
    systemd-sysusers
    systemd-tmpfiles --create
    systemctl daemon-reload
}

# Has five agents run on connection: beside the product's own, three that misbehave on request, under the
# names and ports of such as are to come.
#
# The last one waits while anybody holds a lock on /run/gate.
add_agents() {
    local name port=50053
    install -m 755 "$PROGRAMS/op-agent-misbehaving" /usr/local/libexec/op-agents
    : >/run/gate
    cat >/usr/local/libexec/op-agents/gated <<'PROGRAM'
#!/bin/sh
echo "waits at the gate"
flock /run/gate true
exec /usr/local/libexec/op-agents/op-agent-misbehaving "$@"
PROGRAM
    chmod 755 /usr/local/libexec/op-agents/gated
    for name in sequential_thinking backend_architect context_manager; do
        cat >"/etc/op-dbus/agents.d/$name.toml" <<TOML
id = "$name"
exec = "op-agent-misbehaving"
port = $port
operations = ["echo", "sleep"]
environment = { MISBEHAVING_ID = "$name" }
TOML
        port=$((port + 1))
    done
    sed -i 's/^exec = .*/exec = "gated"/' /etc/op-dbus/agents.d/context_manager.toml
}

# Agents as people see them: a line each with name, state and process.
agents() { # [NAME]
    op-agents status | awk -v name="${1:-}" '
        $1 == "AGENT" { in_table = 1; next }
        NF == 0 { in_table = 0 }
        in_table && (name == "" || $1 == name) { print $1, $2, $3 }'
}

# The process of an agent.
pid_of() { # NAME
    agents "$1" | cut -d ' ' -f 3
}

# Waits until something is true of the fleet: it is looked at after each transition.
await_fleet() { # COMMAND...
    local watch watcher
    exec {watch}< <(exec timeout 60 op-agents status --watch --json 2>&1)
    watcher=$!
    while read -r _ <&"$watch"; do
        if "$@"; then
            kill "$watcher"
            return
        fi
    done
    fail "this did not become true of the fleet: $*; it is: $(agents)"
}

serve() { # NUMBER
    [ "$(agents | grep -c ' serving ')" = "$1" ]
}

# Whether an agent serves as another process than it was.
serves_anew() { # NAME PID
    local state pid
    read -r _ state pid < <(agents "$1") && [ "$state" = serving ] && [ "$pid" != "$2" ]
}

# Runs a program of clients/ with what the whole-system tests have: a client that others wrote.
client() { # FILE [ARGUMENT]...
    local file=$1
    shift
    PYTHONPATH=$ROOT/Tests "$ROOT/.venv/bin/python" "$ROOT/Tests/Systemd/clients/$file" "$@"
}

# What `systemctl status` shows as the service's own line.
status_line() { # UNIT
    systemctl status "$1" | sed -n 's/^ *Status: "\(.*\)"$/\1/p'
}

# Waits for a line there: of many changes in a row the supervisor tells the last, a moment later.
await_status_line() { # WHEN UNIT LINE
    local try
    for ((try = 0; try < 200; try++)); do
        [ "$(status_line "$2")" != "$3" ] || return 0
        sleep 0.05
    done
    is "its status line $1" "$(status_line "$2")" "$3"
}

# Writes a unit from standard input and makes systemd know it.
write_unit() { # NAME
    cat >"/run/systemd/system/$1"
    systemctl daemon-reload
}

# A property of a unit, such as ActiveState.
property() { # UNIT NAME
    systemctl show --property="$2" --value "$1"
}

# The processes in a unit's cgroup and below. By the cgroup's path (the property ControlGroup),
# which a unit that has stopped does not know any more.
processes() { # CONTROL_GROUP
    find "/sys/fs/cgroup/unified$1" "/sys/fs/cgroup$1" -name cgroup.procs -exec cat {} + \
        2>/dev/null || true
}

# Waits until the journal has an entry that matches, if it has none already.
await_journal() { # SECONDS FIELD=VALUE...
    local limit=$1
    shift
    read -r _ < <(timeout "$limit" journalctl --follow --lines=all --output=cat "$@" 2>/dev/null) ||
        fail "the journal has no entry with $* after $limit s"
}
