#define _GNU_SOURCE
#include "CLinuxIO.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// From <asm-generic/socket.h>, which kernel headers before 5.14 lack.
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

// The loopback interface's number in every network namespace (LOOPBACK_IFINDEX of the kernel). Named, it
// finds sockets that are bound to that device (SO_BINDTODEVICE) as well as those that are bound to none.
enum { loopback_interface = 1 };

int clinuxio_socket_diagnosis(void) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

int clinuxio_network_namespace(int socket, uint64_t *cookie) {
    socklen_t size = sizeof *cookie;
    return getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size);
}

ssize_t clinuxio_peer_groups(int socket, gid_t *groups, size_t capacity) {
    socklen_t size = (socklen_t)(capacity * sizeof *groups);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0 && errno != ERANGE) return -1;
    return (ssize_t)(size / sizeof *groups);
}

static int ask(int diagnosis, uint32_t sequence, const struct clinuxio_tcp_ends *ends) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message;
    memset(&message, 0, sizeof message);
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST;
    message.header.nlmsg_seq = sequence;
    message.request.sdiag_family = ends->family;
    message.request.sdiag_protocol = IPPROTO_TCP;
    message.request.idiag_states = ~0u;
    message.request.id.idiag_sport = ends->port;
    message.request.id.idiag_dport = ends->peer_port;
    memcpy(message.request.id.idiag_src, ends->address, sizeof ends->address);
    memcpy(message.request.id.idiag_dst, ends->peer_address, sizeof ends->peer_address);
    message.request.id.idiag_if = loopback_interface;
    message.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    message.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(
        diagnosis, &message, sizeof message, 0, (const struct sockaddr *)&kernel, sizeof kernel);
    return sent == (ssize_t)sizeof message ? 0 : -1;
}

// The kernel has answered before sendto returns, so nothing is waited for here.
int clinuxio_find_tcp_socket(
    int diagnosis, uint32_t sequence, const struct clinuxio_tcp_ends *ends,
    struct clinuxio_tcp_socket *found) {
    if (ask(diagnosis, sequence, ends) != 0) return -1;
    for (;;) {
        union {
            struct nlmsghdr header;
            char bytes[4096];
        } answer;
        struct sockaddr_nl sender = {0};
        socklen_t sender_size = sizeof sender;
        ssize_t count = recvfrom(
            diagnosis, &answer, sizeof answer, 0, (struct sockaddr *)&sender, &sender_size);
        if (count < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        // Privileged processes may write here too, and an answer may be left of a question that failed.
        if (sender.nl_pid != 0 || !NLMSG_OK(&answer.header, (size_t)count) ||
            answer.header.nlmsg_seq != sequence)
            continue;
        size_t size = NLMSG_PAYLOAD(&answer.header, 0);
        if (answer.header.nlmsg_type == NLMSG_ERROR && size >= sizeof(struct nlmsgerr)) {
            errno = -((const struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
            return -1;
        }
        if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY || size < sizeof(struct inet_diag_msg)) {
            errno = EBADMSG;
            return -1;
        }
        const struct inet_diag_msg *facts = NLMSG_DATA(&answer.header);
        found->state = facts->idiag_state;
        found->uid = facts->idiag_uid;
        found->inode = facts->idiag_inode;
        return 0;
    }
}
