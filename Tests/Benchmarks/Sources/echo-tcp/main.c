// What the kernel itself takes for a round trip over loopback TCP: the floor under every transport, and a
// sign of how quiet the machine is. The same commands and the same line of JSON as the other programs;
// only one call in flight on one connection.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_SIZE = 1 << 20, MAXIMUM_CALLS = 4000000 };

static char message[MAXIMUM_SIZE];
static double latencies[MAXIMUM_CALLS];

static void fail(const char *what) {
    perror(what);
    exit(EX_OSERR);
}

static void no_delay(int socket) {
    int on = 1;
    if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
}

static int loopback(int port, struct sockaddr_in *address) {
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons((unsigned short)port);
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) fail("socket");
    return descriptor;
}

static double microseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fail("clock_gettime");
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

// Answers with whatever has arrived: messages need no bounds here.
static void serve(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = loopback(0, &address);
    if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
    if (listen(listener, SOMAXCONN) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) fail("accept");
        no_delay(connection);
        ssize_t count;
        while ((count = recv(connection, message, sizeof message, 0)) > 0) {
            if (send(connection, message, (size_t)count, MSG_NOSIGNAL) != count) break;
        }
        close(connection);
    }
}

static int connect_to(int port) {
    struct sockaddr_in address;
    int connection = loopback(port, &address);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    no_delay(connection);
    return connection;
}

static void round_trip(int connection, size_t size) {
    if (send(connection, message, size, MSG_NOSIGNAL) != (ssize_t)size) fail("send");
    if (recv(connection, message, size, MSG_WAITALL) != (ssize_t)size) fail("recv");
}

static size_t call_for(double duration, int connection, size_t size) {
    size_t calls = 0;
    double start = microseconds(CLOCK_MONOTONIC), deadline = start + duration;
    while (start < deadline && calls < MAXIMUM_CALLS) {
        round_trip(connection, size);
        double end = microseconds(CLOCK_MONOTONIC);
        latencies[calls++] = end - start;
        start = end;
    }
    return calls;
}

static size_t connect_for(double duration, int port) {
    size_t calls = 0;
    double start = microseconds(CLOCK_MONOTONIC), deadline = start + duration;
    while (start < deadline && calls < MAXIMUM_CALLS) {
        int connection = connect_to(port);
        round_trip(connection, 1);
        latencies[calls++] = microseconds(CLOCK_MONOTONIC) - start;
        close(connection);
        start = microseconds(CLOCK_MONOTONIC);
    }
    return calls;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// A quarter of the time to warm up, then the time; size 0: a connection for each call.
static void measure(int port, pid_t server, double seconds, size_t size) {
    clockid_t server_clock;
    if (clock_getcpuclockid(server, &server_clock) != 0) fail("clock_getcpuclockid");
    int connection = size > 0 ? connect_to(port) : -1;
    double duration = seconds * 1e6, cpu = 0, server_cpu = 0, start = 0;
    size_t calls = 0;
    for (int warm = 0; warm <= 1; warm++) {
        start = microseconds(CLOCK_MONOTONIC);
        cpu = microseconds(CLOCK_PROCESS_CPUTIME_ID);
        server_cpu = microseconds(server_clock);
        double time = warm ? duration : duration / 4;
        calls = size > 0 ? call_for(time, connection, size) : connect_for(time, port);
    }
    double elapsed = microseconds(CLOCK_MONOTONIC) - start;
    cpu = microseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    server_cpu = microseconds(server_clock) - server_cpu;
    qsort(latencies, calls, sizeof *latencies, ascending);
    printf("{\"p50_us\": %f, \"p99_us\": %f, \"p999_us\": %f, \"calls_per_second\": %f, "
           "\"client_cpu_us\": %f, \"server_cpu_us\": %f}\n",
           latencies[calls / 2], latencies[calls * 99 / 100], latencies[calls * 999 / 1000],
           (double)calls / elapsed * 1e6, cpu / (double)calls, server_cpu / (double)calls);
}

// The value of a key=value word, 0 where there is none.
static double value(int count, char **words, const char *key) {
    size_t length = strlen(key);
    for (int index = 2; index < count; index++) {
        if (strncmp(words[index], key, length) == 0 && words[index][length] == '=') {
            return atof(words[index] + length + 1);
        }
    }
    return 0;
}

int main(int count, char **words) {
    const char *command = count > 1 ? words[1] : "";
    int port = (int)value(count, words, "port");
    pid_t server = (pid_t)value(count, words, "server");
    double seconds = value(count, words, "seconds"), size = value(count, words, "size");
    int callable = port > 0 && server > 0 && seconds > 0;
    if (strcmp(command, "serve") == 0) {
        serve();
    } else if (strcmp(command, "unary") == 0 && callable && size >= 1 && size <= MAXIMUM_SIZE) {
        measure(port, server, seconds, (size_t)size);
    } else if (strcmp(command, "connect") == 0 && callable) {
        measure(port, server, seconds, 0);
    } else {
        fprintf(stderr,
                "usage: %s serve | unary port=P server=PID seconds=S size=N"
                " | connect port=P server=PID seconds=S\n",
                words[0]);
        return EX_USAGE;
    }
    return 0;
}
