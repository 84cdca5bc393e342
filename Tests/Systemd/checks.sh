# shellcheck shell=bash
# What the cases share. A case is a script that runs as root inside the system, reads this file,
# and passes if it ends with status 0; its output is shown where it does not. Status 77: see skip.
set -euo pipefail

# PROGRAMS comes from run: the directory of the programs under test.
: "${PROGRAMS:?}"

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
