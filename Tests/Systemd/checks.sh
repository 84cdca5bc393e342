# shellcheck shell=bash
# What the cases share. A case is a script that runs as root inside the system, reads this file,
# and passes if it ends with status 0; its output is shown where it does not.
set -euo pipefail

# PROGRAMS comes from run: the directory of the programs under test.
: "${PROGRAMS:?}"

fail() {
    echo "$*" >&2
    exit 1
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

# The processes of a unit that has no cgroups below its own.
processes() { # UNIT
    local group
    group=$(property "$1" ControlGroup)
    [ -z "$group" ] || cat "/sys/fs/cgroup/unified$group/cgroup.procs" \
        "/sys/fs/cgroup$group/cgroup.procs" 2>/dev/null || true
}
