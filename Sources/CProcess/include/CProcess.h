#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

// Starts a program in a child process, safely from a process with many threads: nothing but
// async-signal-safe C runs between clone and exec, no parent's handler runs in the child, no
// descriptor leaks into it, and the child is known by its pidfd from its first instant.

/// The most descriptors that one child may be given.
#define PROCESS_MAX_DESCRIPTORS 64

/// Where a spawn failed. Swift sees a closed enumeration.
enum __attribute__((enum_extensibility(closed))) process_stage {
    PROCESS_STAGE_STARTED = 0,
    PROCESS_STAGE_REQUEST,
    PROCESS_STAGE_REPORT_PIPE,
    PROCESS_STAGE_CLONE,
    PROCESS_STAGE_PROCESS_GROUP,
    PROCESS_STAGE_PARENT_DEATH_SIGNAL,
    PROCESS_STAGE_CGROUP,
    PROCESS_STAGE_DESCRIPTORS,
    PROCESS_STAGE_OOM_SCORE,
    PROCESS_STAGE_LIMITS,
    PROCESS_STAGE_WORKING_DIRECTORY,
    PROCESS_STAGE_EXECUTE,
};

/// An upper bound on what the child may use.
struct process_limit {
    /// `RLIMIT_NOFILE`, `RLIMIT_NPROC`, ... of getrlimit(2).
    int resource;
    /// The soft and the hard limit; a lower hard limit that is already in force stays.
    rlim_t maximum;
};

/// What to start, and as what. Nothing of it is kept after the call.
struct process_request {
    /// The path of the program: not searched in PATH.
    const char *executable;
    /// argv, argv[0] included, ending in NULL.
    char *const *arguments;
    /// NAME=VALUE strings, ending in NULL. In an entry `LISTEN_PID=` with room for ten characters
    /// behind the `=`, the child writes its own pid (sd_listen_fds(3)); the caller's stays as it is.
    char *const *environment;
    /// NULL: the caller's.
    const char *working_directory;
    /// Descriptor i of the child is a copy of descriptors[i], or /dev/null where that is negative;
    /// the first three are standard input, output and error. The child has no others.
    const int *descriptors;
    size_t descriptor_count;
    const struct process_limit *limits;
    size_t limit_count;
    /// Written to /proc/self/oom_score_adj (-1000 to 1000), or NULL: inherited.
    const int *oom_score_adjustment;
    mode_t umask;
    /// An open directory of the cgroup (version 2) that the child is born in, or negative.
    int cgroup;
    /// Sent to the child when the *thread* that calls `process_spawn` ends, or 0: none. The kernel
    /// forgets it when the program is set-user-id or has file capabilities (prctl(2)).
    int parent_death_signal;
};

/// The child, or where and why there is none.
struct process_result {
    enum process_stage stage;
    /// The errno of the failed stage.
    int error;
    pid_t pid;
    /// The caller owns it; close-on-exec.
    int pidfd;
};

/// Starts the program as the leader of a process group of its own, with an empty signal mask and
/// default dispositions. Blocks until the child has executed the program or failed to, which takes
/// about a millisecond; a child that failed is reaped here.
struct process_result process_spawn(const struct process_request *request);

/// Makes a pipe whose ends, for reading and for writing, are close-on-exec from the start: pipe2(2),
/// which Swift's Glibc module hides. Returns 0, or -1 with errno.
int process_pipe(int ends[2]);

#endif
