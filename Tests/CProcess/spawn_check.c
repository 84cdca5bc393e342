// Checks process_spawn from C, so that sanitizers and valgrind see all of it. It runs everything
// twice: on the kernel as it is, and behind a seccomp filter that refuses the newer system calls.

#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures = 0;

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);      \
            __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);                            \
        }                                                                                  \
    } while (0)

/// A request to run a shell script whose output goes to `output`.
struct shell {
    struct process_request request;
    char *arguments[4];
    char *environment[3];
    char listen_pid[32];
    int descriptors[3];
};

static void shell_init(struct shell *shell, char *script, int output)
{
    *shell = (struct shell){
        .arguments = { "sh", "-c", script, NULL },
        .environment = { "PATH=/usr/bin:/bin", shell->listen_pid, NULL },
        .listen_pid = "LISTEN_PID=0000000000",
        .descriptors = { -1, output, output },
        .request = { .executable = "/bin/sh", .cgroup = -1, .umask = 022, .descriptor_count = 3 },
    };
    shell->request.arguments = shell->arguments;
    shell->request.environment = shell->environment;
    shell->request.descriptors = shell->descriptors;
}

static int reap(struct process_result child)
{
    siginfo_t information = { 0 };
    while (waitid(P_PIDFD, (id_t)child.pidfd, &information, WEXITED) != 0)
        if (errno != EINTR)
            return -1;
    close(child.pidfd);
    return information.si_code == CLD_EXITED ? information.si_status : 128 + information.si_status;
}

static void read_all(int pipe, char *buffer, size_t size)
{
    size_t length = 0;
    ssize_t got;
    while (length + 1 < size && (got = read(pipe, buffer + length, size - 1 - length)) > 0)
        length += (size_t)got;
    buffer[length] = '\0';
}

/// Runs the shell to its end; its output goes to the buffer, its exit status is returned.
static int run(struct shell *shell, int pipe[2], char *buffer, size_t size, pid_t *pid)
{
    struct process_result child = process_spawn(&shell->request);
    close(pipe[1]);
    CHECK(child.stage == PROCESS_STAGE_STARTED);
    if (pid != NULL)
        *pid = child.pid;
    read_all(pipe[0], buffer, size);
    close(pipe[0]);
    return child.stage == PROCESS_STAGE_STARTED ? reap(child) : -1;
}

static void the_child_has_what_was_asked_for(void)
{
    int pipe[2], adjustment = 500;
    char output[512], expected[512];
    pid_t pid;
    struct shell shell;
    struct process_limit limits[] = { { RLIMIT_CPU, 64 }, { RLIMIT_CORE, 0 } };
    CHECK(pipe2(pipe, O_CLOEXEC) == 0);
    shell_init(&shell, "echo $$ $LISTEN_PID $(ulimit -t) $(ulimit -Ht) $(umask) $PWD"
                       " $(cut -d' ' -f5 /proc/$$/stat) $(cat /proc/self/oom_score_adj); exit 7",
               pipe[1]);
    shell.request.limits = limits;
    shell.request.limit_count = 2;
    shell.request.oom_score_adjustment = &adjustment;
    shell.request.working_directory = "/usr";
    shell.request.umask = 027;
    CHECK(run(&shell, pipe, output, sizeof output, &pid) == 7);
    snprintf(expected, sizeof expected, "%d %d 64 64 0027 /usr %d 500\n", pid, pid, pid);
    CHECK(strcmp(output, expected) == 0);
    CHECK(strcmp(shell.listen_pid, "LISTEN_PID=0000000000") == 0);
}

static void descriptors_arrive_in_order_and_alone(void)
{
    // Where the destinations are sources themselves, and one source is wanted twice.
    int pipe[2], stray, one[2], two[2];
    char output[512];
    CHECK(pipe2(pipe, O_CLOEXEC) == 0 && pipe2(one, 0) == 0 && pipe2(two, 0) == 0);
    CHECK((stray = open("/dev/zero", O_RDONLY)) >= 0);  // without close-on-exec
    CHECK(write(one[1], "one\n", 4) == 4 && write(two[1], "two\n", 4) == 4);
    close(one[1]);
    close(two[1]);
    struct shell shell;
    shell_init(&shell, "cat <&3; cat <&4; ls /proc/self/fd | wc -l; readlink /proc/$$/fd/0", pipe[1]);
    int descriptors[] = { -1, pipe[1], 2, two[0], one[0], pipe[1] };
    shell.request.descriptors = descriptors;
    shell.request.descriptor_count = 6;
    CHECK(run(&shell, pipe, output, sizeof output, NULL) == 0);
    // 0 to 5, and ls's own descriptor of the directory.
    CHECK(strcmp(output, "two\none\n7\n/dev/null\n") == 0);
    close(stray);
    close(one[0]);
    close(two[0]);
}

static void on_signal(int number) { (void)number; }

static void signals_are_the_default_in_the_child_and_unchanged_in_the_parent(void)
{
    int pipe[2];
    char output[512];
    sigset_t mask, after;
    struct sigaction handler = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGUSR1, &handler, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);

    struct shell shell;
    CHECK(pipe2(pipe, O_CLOEXEC) == 0);
    shell_init(&shell, "exec grep -E 'Sig(Blk|Ign)' /proc/self/status", pipe[1]);
    CHECK(run(&shell, pipe, output, sizeof output, NULL) == 0);
    CHECK(strcmp(output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") == 0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGTERM) == 1 && sigismember(&after, SIGINT) == 0);

    shell.request.executable = "/nowhere";
    CHECK(process_spawn(&shell.request).stage == PROCESS_STAGE_EXECUTE);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGTERM) == 1 && sigismember(&after, SIGINT) == 0);
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void failures_name_the_stage_and_leave_no_child(void)
{
    int low = -1001, high = 999999;
    struct shell shell;
    struct process_result result;

#define FAILS(change, at, number)                                                          \
    do {                                                                                   \
        shell_init(&shell, "exit 0", 2);                                                   \
        change;                                                                            \
        result = process_spawn(&shell.request);                                            \
        CHECK(result.stage == (at) && result.error == (number));                           \
        CHECK(result.pid == -1 && result.pidfd == -1);                                     \
    } while (0)

    FAILS(shell.request.executable = "/nowhere/at/all", PROCESS_STAGE_EXECUTE, ENOENT);
    FAILS(shell.request.executable = "/etc/passwd", PROCESS_STAGE_EXECUTE, EACCES);
    FAILS(shell.request.working_directory = "/nowhere", PROCESS_STAGE_WORKING_DIRECTORY, ENOENT);
    FAILS(shell.request.oom_score_adjustment = &low, PROCESS_STAGE_OOM_SCORE, EINVAL);
    FAILS(shell.request.oom_score_adjustment = &high, PROCESS_STAGE_OOM_SCORE, EINVAL);
    FAILS(shell.request.parent_death_signal = 999, PROCESS_STAGE_PARENT_DEATH_SIGNAL, EINVAL);
    FAILS(shell.descriptors[0] = 12345, PROCESS_STAGE_DESCRIPTORS, EBADF);
    FAILS(shell.request.descriptor_count = 2, PROCESS_STAGE_REQUEST, EINVAL);
    FAILS(shell.request.descriptor_count = 65, PROCESS_STAGE_REQUEST, EINVAL);
    FAILS(strcpy(shell.listen_pid, "LISTEN_PID=1"), PROCESS_STAGE_REQUEST, EINVAL);
    struct process_limit limit = { .resource = 999 };
    FAILS((shell.request.limits = &limit, shell.request.limit_count = 1),
          PROCESS_STAGE_LIMITS, EINVAL);
    // A directory that is no cgroup: the kernel says EBADF, the older way finds no such file.
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    shell_init(&shell, "exit 0", 2);
    shell.request.cgroup = root;
    CHECK(process_spawn(&shell.request).stage == PROCESS_STAGE_CGROUP);
    close(root);

    siginfo_t none = { 0 };
    CHECK(waitid(P_ALL, 0, &none, WEXITED | WNOHANG) == -1 && errno == ECHILD);
}

static void *spawn_and_end(void *unused)
{
    (void)unused;
    struct shell shell;
    shell_init(&shell, "exec sleep 600", 2);
    shell.request.parent_death_signal = SIGKILL;
    struct process_result *child = malloc(sizeof *child);
    *child = process_spawn(&shell.request);
    return child;
}

static void the_child_ends_with_the_thread_that_spawned_it(void)
{
    pthread_t thread;
    void *child;
    CHECK(pthread_create(&thread, NULL, spawn_and_end, NULL) == 0);
    CHECK(pthread_join(thread, &child) == 0);
    CHECK(reap(*(struct process_result *)child) == 128 + SIGKILL);
    free(child);
}

static void *allocate_until_told(void *stop)
{
    while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED))
        free(malloc(1 + (size_t)rand() % 100000));
    return NULL;
}

static void *spawn_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10; i++) {
        struct shell shell;
        shell_init(&shell, "exit 3", 2);
        struct process_result child = process_spawn(&shell.request);
        CHECK(child.stage == PROCESS_STAGE_STARTED);
        CHECK(reap(child) == 3);
    }
    return NULL;
}

static void many_threads_may_spawn_at_once(void)
{
    enum { allocating = 2, spawning = 4 };
    pthread_t threads[allocating + spawning];
    int stop = 0;
    for (int i = 0; i < allocating; i++)
        CHECK(pthread_create(&threads[i], NULL, allocate_until_told, &stop) == 0);
    for (int i = allocating; i < allocating + spawning; i++)
        CHECK(pthread_create(&threads[i], NULL, spawn_many, NULL) == 0);
    for (int i = allocating; i < allocating + spawning; i++)
        pthread_join(threads[i], NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < allocating; i++)
        pthread_join(threads[i], NULL);
}

static void refuse_newer_system_calls(void)
{
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { sizeof instructions / sizeof *instructions, instructions };
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

static void check_all(void)
{
    the_child_has_what_was_asked_for();
    descriptors_arrive_in_order_and_alone();
    signals_are_the_default_in_the_child_and_unchanged_in_the_parent();
    failures_name_the_stage_and_leave_no_child();
    the_child_ends_with_the_thread_that_spawned_it();
    many_threads_may_spawn_at_once();
}

int main(int count, char **arguments)
{
    (void)arguments;
    check_all();
    if (count == 1) {  // any argument: without the filter, which valgrind cannot live with
        refuse_newer_system_calls();
        check_all();
    }
    if (failures == 0)
        printf("process_spawn: all checks passed\n");
    return failures == 0 ? 0 : 1;
}
