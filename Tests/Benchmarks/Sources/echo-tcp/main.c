// What the kernel itself takes for a round trip of 32 bytes over loopback TCP: the floor under every
// transport, and a sign of how quiet the machine is. The same commands and the same line of JSON as
// the other programs; only one call in flight.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 32, MAXIMUM_CALLS = 4000000 };

static void fail(const char *what) {
    perror(what);
    exit(EX_OSERR);
}

static void no_delay(int socket) {
    int on = 1;
    if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
}

static int loopback(unsigned short port, struct sockaddr_in *address) {
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons(port);
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) fail("socket");
    return descriptor;
}

static double microseconds(struct timespec time) {
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return microseconds(time);
}

static double cpu_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return microseconds(time);
}

static void serve(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = loopback(0, &address);
    if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
    if (listen(listener, 1) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) fail("accept");
        no_delay(connection);
        char message[MESSAGE_SIZE];
        while (recv(connection, message, sizeof message, MSG_WAITALL) == sizeof message) {
            if (send(connection, message, sizeof message, MSG_NOSIGNAL) != sizeof message) break;
        }
        close(connection);
    }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static size_t call_for(double duration, int connection, double *latencies) {
    char message[MESSAGE_SIZE] = {0};
    size_t calls = 0;
    double start = now(), deadline = start + duration;
    while (start < deadline && calls < MAXIMUM_CALLS) {
        if (send(connection, message, sizeof message, MSG_NOSIGNAL) != sizeof message) fail("send");
        if (recv(connection, message, sizeof message, MSG_WAITALL) != sizeof message) fail("recv");
        double end = now();
        latencies[calls++] = end - start;
        start = end;
    }
    return calls;
}

static void call(unsigned short port, double seconds) {
    struct sockaddr_in address;
    int connection = loopback(port, &address);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    no_delay(connection);
    double *latencies = calloc(MAXIMUM_CALLS, sizeof *latencies);
    if (latencies == NULL) fail("calloc");
    call_for(seconds / 4 * 1e6, connection, latencies);
    double start = now(), cpu = cpu_time();
    size_t calls = call_for(seconds * 1e6, connection, latencies);
    double elapsed = now() - start;
    cpu = cpu_time() - cpu;
    qsort(latencies, calls, sizeof *latencies, ascending);
    printf("{\"p50_us\": %f, \"p99_us\": %f, \"calls_per_second\": %f, \"client_cpu_us\": %f}\n",
           latencies[calls / 2], latencies[calls * 99 / 100], (double)calls / elapsed * 1e6,
           cpu / (double)calls);
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "serve") == 0) {
        serve();
    } else if (count >= 5 && strcmp(arguments[1], "call") == 0 && atoi(arguments[3]) == 1) {
        call((unsigned short)atoi(arguments[2]), atof(arguments[4]));
    } else {
        fprintf(stderr, "usage: %s serve | call PORT 1 SECONDS\n", arguments[0]);
        return EX_USAGE;
    }
    return 0;
}
