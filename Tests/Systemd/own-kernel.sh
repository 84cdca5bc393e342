# shellcheck shell=bash disable=SC2154
# A system on a kernel of its own, for with-systemd -k: User Mode Linux, whose first process is
# systemd and whose control groups have every controller, whatever this machine's kernel mounts.
#
# Read by with-systemd, whose names it uses.

# Modules of that kernel that its root directory and systemd need; nothing loads them by itself.
readonly guest_modules=(fs/overlayfs/overlay lib/crc-ccitt net/ipv6/ipv6)
readonly guest_memory=1G

# What a machine says that has no such kernel: run takes it for a skip.
cannot_run_a_kernel() {
    echo "$program: cannot run a kernel of its own: $*" >&2
    exit "$status_skipped"
}

find_kernel() {
    local module
    kernel=$(command -v linux.uml) ||
        cannot_run_a_kernel "linux.uml is missing; apt-get install user-mode-linux"
    kernel_modules=$(compgen -G "${kernel%/bin/*}/lib/uml/modules/*/kernel" | tail -n 1)
    for module in "${guest_modules[@]}"; do
        [ -e "$kernel_modules/$module.ko" ] ||
            cannot_run_a_kernel "it has no module $module; apt-get install user-mode-linux"
    done
}

# ---------------------------------------------------------------------------------------------
# Outside: the scripts that run inside, in a directory that both sides see.

write_guest_files() { # DIRECTORY COMMAND [ARGUMENT]...
    local exchange=$1 module
    shift
    for module in "${guest_modules[@]}"; do cp "$kernel_modules/$module.ko" "$exchange"; done
    : >"$exchange/out"
    : >"$exchange/err"
    write_command "/$program/status" "$@" >"$exchange/command"

    # On hostfs every new file is root's. So the root directory is an overlay again, of the guest's
    # own, and only the visible directory is hostfs. No insmod: it is in a package of its own.
    cat >"$exchange/init" <<SCRIPT
#!/bin/bash
set -e
export PATH=$system_path
: >/$program/began
mount -t proc proc /proc
for module in ${guest_modules[*]##*/}; do
    perl -e '
        open my \$file, "<", \$ARGV[0] or die "\$ARGV[0]: \$!\n";
        my \$parameters = "";
        my \$finit_module = 313;
        syscall(\$finit_module, fileno(\$file), \$parameters, 0) == 0 or die "\$ARGV[0]: \$!\n";
    ' "/$program/\$module.ko"
done
mount -t tmpfs -o mode=755,size=90% writes /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work root /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t devtmpfs dev dev
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p .$(printf %q "$visible")
mount -t hostfs -o $(printf %q "$visible") visible .$(printf %q "$visible")
mount -t hostfs -o /$program exchange $program
mkdir -p mnt/.outside
pivot_root . mnt/.outside
cd /
umount -l /mnt/.outside
exec /lib/systemd/systemd --unit=multi-user.target </dev/console >/dev/console 2>&1
SCRIPT
    chmod 755 "$exchange/init"

    # What it writes reaches the other side when it is synchronized.
    cat >"$exchange/run" <<SCRIPT
systemctl is-system-running --wait >/$program/state
sync /$program/state
(while sleep 0.2; do sync /$program/out /$program/err; done) &
cd $(printf %q "$visible")
timeout -k 5 $time_limit /bin/bash /$program/command >/$program/out 2>/$program/err </dev/null
case \$? in 124 | 137) [ -e /$program/status ] || echo timeout >/$program/status ;; esac
sync
systemctl poweroff -ff
SCRIPT
}

# ---------------------------------------------------------------------------------------------
# Inside the namespaces: the root directory that the kernel starts from.

prepare_guest() { # EXCHANGE ROOT
    local exchange=$1 root=$2 units=$2/etc/systemd/system
    mkdir "$root/$program"
    mount --bind "$exchange" "$root/$program"
    : >"$root/run/linux.uml"
    mount --bind "$kernel" "$root/run/linux.uml"
    # The guest's memory is a file here.
    mount -o remount,size=100% "$root/dev/shm"
    cat >"$units/$program-command.service" <<UNIT
[Service]
Type=exec
ExecStart=/bin/bash /$program/run
UNIT
    mkdir "$units/multi-user.target.wants"
    ln -s "../$program-command.service" "$units/multi-user.target.wants/"
}

become_kernel() {
    exec env -i PATH="$system_path" TMPDIR=/dev/shm HOME=/run /run/linux.uml mem=$guest_memory \
        umid=guest uml_dir=/run root=/dev/root rootfstype=hostfs rootflags=/ rw quiet panic=-1 \
        con=null con0=null,fd:1 ssl=null "init=/$program/init" systemd.show_status=0
}

# ---------------------------------------------------------------------------------------------
# Outside: its life.

guest_has_booted_or_ended() { [ -s "$scratch/exchange/state" ] || is_gone "$init"; }
guest_is_gone() { is_gone "$init"; }

# Passes on what the command writes, and exits as it did.
follow_guest() {
    local exchange=$scratch/exchange status
    followers=()
    tail -n +1 -f -s 0.1 --pid="$init" "$exchange/out" 8>&- &
    followers+=($!)
    tail -n +1 -f -s 0.1 --pid="$init" "$exchange/err" >&2 8>&- &
    followers+=($!)

    wait_until "$boot_limit" guest_has_booted_or_ended
    [ -e "$exchange/began" ] || cannot_run_a_kernel "it ended at once: $(console | tail -n 5)"
    [ -s "$exchange/state" ] ||
        fail "cannot boot systemd within $boot_limit s: $(console | tail -n 20)"
    if [ "$verbose" = 1 ]; then
        echo "$program: $(<"$exchange/state") after $(($(date +%s%3N) - began)) ms, own kernel" >&2
    fi
    wait_until $((time_limit + 30)) guest_is_gone || fail "cannot end: $(console | tail -n 20)"
    wait "${followers[@]}"
    followers=()
    status=$(cat "$exchange/status" 2>/dev/null) ||
        fail "cannot tell the command's exit status: the system ended; $(console | tail -n 20)"
    if [ "$status" = timeout ]; then
        echo "$program: the command's time of $time_limit s is up" >&2
        exit 124
    fi
    exit "$status"
}
