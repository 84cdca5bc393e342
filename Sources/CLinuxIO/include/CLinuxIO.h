// What the Glibc module cannot give Swift: calls behind _GNU_SOURCE, calls without a wrapper in
// glibc 2.36, macros with arguments, and a thread-local pointer. No policy, no state but the pointer.
#ifndef CLINUXIO_H
#define CLINUXIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC.
int clinuxio_accept(int listener);

// send(2) with MSG_NOSIGNAL: a closed peer is EPIPE, never SIGPIPE.
ssize_t clinuxio_send(int socket, const void *bytes, size_t count);

// SO_PEERCRED of unix(7). Returns 0, or -1 with errno.
int clinuxio_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

// SO_PEERGROUPS of unix(7): the supplementary groups of who connected. Returns how many there are, of which at
// most `capacity` were written, and none where they do not all fit; -1 with errno.
ssize_t clinuxio_peer_groups(int socket, gid_t *groups, size_t capacity);

// SO_NETNS_COOKIE of socket(7): a number that is the network namespace's own. Returns 0, or -1 with errno,
// ENOPROTOOPT before Linux 5.14.
int clinuxio_network_namespace(int socket, uint64_t *cookie);

// A socket to ask the kernel about sockets (sock_diag(7)), non-blocking and close-on-exec. It sees the
// network namespace that it was made in. Returns the descriptor, or -1 with errno.
int clinuxio_socket_diagnosis(void);

// The four-tuple of a TCP socket as the one who holds it sees it. Addresses and ports in network order; of an
// IPv4 address the first four bytes.
struct clinuxio_tcp_ends {
    uint8_t family;
    uint8_t address[16];
    uint8_t peer_address[16];
    uint16_t port;
    uint16_t peer_port;
};

// What the kernel says of a TCP socket: its state is one of TCP_ESTABLISHED and following of <netinet/tcp.h>.
struct clinuxio_tcp_socket {
    uint8_t state;
    uint32_t uid;
    uint32_t inode;
};

// Finds a TCP socket of the loopback interface. A listening socket answers too where none is connected.
// Returns 0, or -1 with errno: ENOENT where there is no such socket, or the kernel lacks inet_diag.
int clinuxio_find_tcp_socket(
    int diagnosis, uint32_t sequence, const struct clinuxio_tcp_ends *ends,
    struct clinuxio_tcp_socket *found);

// fgetxattr(2) and fsetxattr(2): an extended attribute of an open file. The length, or 0; -1 with errno.
ssize_t clinuxio_get_attribute(int file, const char *name, void *value, size_t capacity);
int clinuxio_set_attribute(int file, const char *name, const void *value, size_t length);

// pidfd_open(2), close-on-exec by nature.
int clinuxio_pidfd_open(pid_t pid);

// pidfd_send_signal(2) without siginfo.
int clinuxio_pidfd_send_signal(int pidfd, int signal);

// How a child ended, as waitid(2) says it: code is CLD_EXITED, CLD_KILLED or CLD_DUMPED, status the
// exit code or the signal. Returns 1 when reaped, 0 when it still runs, -1 with errno.
int clinuxio_pidfd_reap(int pidfd, int *code, int *status);

// signalfd(2) for one set of signals, non-blocking and close-on-exec. The caller blocks them.
int clinuxio_signalfd(const int *signals, size_t count);

// Reads one pending signal from a signalfd: its number, 0 where none is pending, -1 with errno.
int clinuxio_signalfd_read(int fd);

// timerfd_create(2) on CLOCK_MONOTONIC, non-blocking and close-on-exec.
int clinuxio_timerfd(void);

// Arms a timerfd once, for an absolute time in nanoseconds; 0 disarms. Returns 0, or -1 with errno.
int clinuxio_timerfd_arm(int fd, uint64_t nanoseconds);

// Has a handler write the number of each of these signals, as one byte, into a non-blocking pipe: of the
// whole process, whichever thread takes the signal. Returns 0, or -1 with errno.
int clinuxio_relay_signals(const int *signals, size_t count, int pipe);

// pipe2(2), non-blocking and close-on-exec at both ends. Returns 0, or -1 with errno.
int clinuxio_pipe(int *reading, int *writing);

// Blocks signals in the calling thread, and so in the threads that it starts later.
int clinuxio_block_signals(const int *signals, size_t count);

// Makes the calling process inherit the orphans among its descendants (PR_SET_CHILD_SUBREAPER of
// prctl(2)). Returns 0, or -1 with errno.
int clinuxio_become_subreaper(void);

// Names the calling thread; a name of more than 15 bytes is ignored (pthread_setname_np(3)).
void clinuxio_name_thread(const char *name);

/* Sets from which size on memory is mapped by itself, and how much free memory is kept at the end of an arena
   (mallopt(3)), unless the environment says so already. */
void clinuxio_set_malloc_thresholds(int mmap_threshold, int trim_threshold);

// A pointer of the calling thread's own, initially null.
void *clinuxio_thread_pointer(void);
void clinuxio_set_thread_pointer(void *pointer);

// O_PATH of open(2): names a file without opening it for use.
extern const int clinuxio_o_path;

// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS: EXDEV where the path, "..", or a symbolic
// link in it leads out of the directory, EAGAIN where a rename raced with that check.
int clinuxio_open_beneath(int directory, const char *path, int flags, mode_t mode);

#endif
