#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A pid in decimal, without its end: PID_MAX_LIMIT has seven digits, pid_t's type ten.
enum { pid_digits = 10 };

/// What the child tells the parent when it cannot execute the program.
struct report {
    enum process_stage stage;
    int error;
};

/// What the child needs to know, prepared by the parent.
struct child {
    const struct process_request *request;
    char *listen_pid;
    pid_t parent;
    int report_pipe;
    /// The kernel did not put the child into its cgroup: it has to move there itself.
    bool joins_cgroup;
};

// ---------------------------------------------------------------------------------------------
// The child. Other threads of the parent may have held any lock at the clone, malloc's included:
// only async-signal-safe functions (signal-safety(7)) may be called from here to exec.

static _Noreturn void give_up(const struct child *child, enum process_stage stage)
{
    const struct report report = { stage, errno };
    // Smaller than PIPE_BUF: written whole or not at all, and then the parent has gone.
    ssize_t written = write(child->report_pipe, &report, sizeof report);
    (void)written;
    _exit(127);
}

/// Writes the number in decimal and returns its length; there is no end mark.
static size_t format(int number, char buffer[static pid_digits + 1])
{
    char reversed[pid_digits];
    unsigned int rest = number < 0 ? -(unsigned int)number : (unsigned int)number;
    size_t digits = 0, length = 0;
    do {
        reversed[digits++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        buffer[length++] = '-';
    while (digits > 0)
        buffer[length++] = reversed[--digits];
    return length;
}

static bool write_file(int directory, const char *path, const char *text, size_t length)
{
    int file = openat(directory, path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t written = write(file, text, length);
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)length;
}

static void reset_signal_handlers(void)
{
    // As the kernel takes it: the default handler, SIG_DFL, no flags and no mask are all zeros.
    const unsigned long standard[8] = { 0 };
    const size_t mask_size = (NSIG - 1) / 8;
    // Ignored signals outlive exec, so they are reset too. Past glibc, which refuses its two internal
    // ones: its own posix_spawn leaves them ignored, in what make starts for example. The kernel
    // refuses SIGKILL and SIGSTOP, which cannot be ignored.
    for (int number = 1; number < NSIG; number++)
        syscall(SYS_rt_sigaction, number, standard, NULL, mask_size);
}

/// Puts descriptors[i] at i, and leaves nothing else open across exec.
static bool arrange_descriptors(struct child *child)
{
    const struct process_request *request = child->request;
    const int count = (int)request->descriptor_count;
    int lifted[PROCESS_MAX_DESCRIPTORS];

    // First all copies go above their destinations, so that none is overwritten before its turn.
    int report_pipe = fcntl(child->report_pipe, F_DUPFD_CLOEXEC, count);
    if (report_pipe < 0)
        return false;
    child->report_pipe = report_pipe;
    for (int i = 0; i < count; i++) {
        int source = request->descriptors[i];
        if (source < 0 && (source = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
            return false;
        if ((lifted[i] = fcntl(source, F_DUPFD_CLOEXEC, count)) < 0)
            return false;
    }
    for (int i = 0; i < count; i++)
        if (dup2(lifted[i], i) < 0)  // which clears close-on-exec
            return false;

    if (syscall(SYS_close_range, (unsigned)count, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
        return true;
    // A kernel before 5.11, or a seccomp filter that does not know the call.
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    for (int descriptor = count; (rlim_t)descriptor < limit.rlim_cur; descriptor++)
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return true;
}

static bool apply_limits(const struct process_request *request)
{
    for (size_t i = 0; i < request->limit_count; i++) {
        const struct process_limit *limit = &request->limits[i];
        struct rlimit value;
        if (getrlimit((__rlimit_resource_t)limit->resource, &value) != 0)
            return false;
        // Raising the hard limit needs a privilege; a bound that is lower already will do.
        if (limit->maximum < value.rlim_max)
            value.rlim_max = limit->maximum;
        value.rlim_cur = value.rlim_max;
        if (setrlimit((__rlimit_resource_t)limit->resource, &value) != 0)
            return false;
    }
    return true;
}

static _Noreturn void become_program(struct child *child)
{
    const struct process_request *request = child->request;
    char text[pid_digits + 1];

    reset_signal_handlers();
    if (setpgid(0, 0) != 0)
        give_up(child, PROCESS_STAGE_PROCESS_GROUP);
    if (request->parent_death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, (unsigned long)request->parent_death_signal) != 0)
            give_up(child, PROCESS_STAGE_PARENT_DEATH_SIGNAL);
        // The parent may have ended before the signal was asked for: then nobody is left to tell.
        if (getppid() != child->parent)
            _exit(127);
    }
    if (child->joins_cgroup && !write_file(request->cgroup, "cgroup.procs", "0", 1))
        give_up(child, PROCESS_STAGE_CGROUP);
    if (request->oom_score_adjustment != NULL) {
        size_t length = format(*request->oom_score_adjustment, text);
        if (!write_file(AT_FDCWD, "/proc/self/oom_score_adj", text, length))
            give_up(child, PROCESS_STAGE_OOM_SCORE);
    }
    umask(request->umask);
    if (request->working_directory != NULL && chdir(request->working_directory) != 0)
        give_up(child, PROCESS_STAGE_WORKING_DIRECTORY);
    if (!arrange_descriptors(child))
        give_up(child, PROCESS_STAGE_DESCRIPTORS);
    if (!apply_limits(request))
        give_up(child, PROCESS_STAGE_LIMITS);
    if (child->listen_pid != NULL) {
        size_t length = format(getpid(), text);
        memcpy(child->listen_pid, text, length);
        child->listen_pid[length] = '\0';
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(request->executable, request->arguments, request->environment);
    give_up(child, PROCESS_STAGE_EXECUTE);
}

// ---------------------------------------------------------------------------------------------
// The parent.

/// Like fork(2): the child returns 0 on a copy of the caller's memory. Unlike it, no pthread_atfork
/// handler runs, and the child comes with a pidfd, in its cgroup.
static pid_t clone_process(int cgroup, int *pidfd, bool *joins_cgroup)
{
    struct clone_args arguments = {
        .flags = CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    *joins_cgroup = false;
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid >= 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL && errno != E2BIG))
        return (pid_t)pid;

    // A seccomp filter refuses what it cannot look into, or the kernel is older than the cgroup
    // flag (5.7). The older call does the same, but the move to the cgroup.
    *joins_cgroup = cgroup >= 0;
    return (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, 0L);
}

/// Finds where the child writes its pid, or NULL if it need not; false if there is no room.
static bool find_listen_pid(char *const *environment, char **listen_pid)
{
    static const char name[] = "LISTEN_PID=";
    *listen_pid = NULL;
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, sizeof name - 1) != 0)
            continue;
        *listen_pid = *environment + sizeof name - 1;
        return strlen(*listen_pid) >= pid_digits;
    }
    return true;
}

/// Why the clone was refused: the cgroup can be a reason, if the child was to be born in one.
static enum process_stage refused_stage(int cgroup, int error)
{
    bool for_want_of_resources = error == EAGAIN || error == ENOMEM;
    return cgroup >= 0 && !for_want_of_resources ? PROCESS_STAGE_CGROUP : PROCESS_STAGE_CLONE;
}

static struct process_result failure(enum process_stage stage, int error)
{
    return (struct process_result){ .stage = stage, .error = error, .pid = -1, .pidfd = -1 };
}

/// Waits until the program runs or the child has said why it cannot.
static struct process_result await_program(pid_t pid, int pidfd, int report_pipe)
{
    struct report report;
    ssize_t length;
    do
        length = read(report_pipe, &report, sizeof report);
    while (length < 0 && errno == EINTR);
    if (length != sizeof report)  // the end: exec closed the pipe, or the child was killed
        return (struct process_result){ .stage = PROCESS_STAGE_STARTED, .pid = pid, .pidfd = pidfd };

    siginfo_t information;
    while (waitid(P_PIDFD, (id_t)pidfd, &information, WEXITED) != 0 && errno == EINTR) {
    }
    close(pidfd);
    return failure(report.stage, report.error);
}

int process_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}

struct process_result process_spawn(const struct process_request *request)
{
    struct child child = { .request = request, .parent = getpid() };
    if (request->descriptor_count < 3 || request->descriptor_count > PROCESS_MAX_DESCRIPTORS
        || !find_listen_pid(request->environment, &child.listen_pid))
        return failure(PROCESS_STAGE_REQUEST, EINVAL);

    int report_pipe[2];
    if (process_pipe(report_pipe) != 0)
        return failure(PROCESS_STAGE_REPORT_PIPE, errno);
    child.report_pipe = report_pipe[1];

    // A handler of the parent that ran in the child would act on the parent's descriptors.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pidfd = -1;
    pid_t pid = clone_process(request->cgroup, &pidfd, &child.joins_cgroup);
    if (pid == 0)
        become_program(&child);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    // The parent's own copy would keep the pipe from ending.
    close(report_pipe[1]);
    struct process_result result = pid < 0
        ? failure(refused_stage(request->cgroup, error), error)
        : await_program(pid, pidfd, report_pipe[0]);
    close(report_pipe[0]);
    return result;
}
