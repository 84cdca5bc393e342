#include "measurement.h"

#include <algorithm>
#include <cstdio>
#include <system_error>

#include <time.h>
#include <unistd.h>

namespace {

double microseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::micro>(duration).count();
}

// Microseconds in user and kernel mode, on all threads.
double cpu_time(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (int code = clock_getcpuclockid(process, &clock)) {
        throw std::system_error(code, std::generic_category(), "cannot read the processor time");
    }
    clock_gettime(clock, &time);
    return double(time.tv_sec) * 1e6 + double(time.tv_nsec) / 1e3;
}

}  // namespace

Clock::time_point after(double seconds) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Stopwatch::Stopwatch(pid_t server)
    : server(server), start(Clock::now()), client_cpu(cpu_time(getpid())),
      server_cpu(cpu_time(server)) {}

void Stopwatch::stop() {
    elapsed = microseconds(Clock::now() - start);
    client_cpu = cpu_time(getpid()) - client_cpu;
    server_cpu = cpu_time(server) - server_cpu;
}

void Stopwatch::print_calls(std::vector<Clock::duration> &latencies) const {
    std::sort(latencies.begin(), latencies.end());
    auto percentile = [&](double part) {
        size_t index = size_t(double(latencies.size()) * part);
        return microseconds(latencies[std::min(index, latencies.size() - 1)]);
    };
    std::printf("{\"p50_us\": %f, \"p99_us\": %f, \"p999_us\": %f, ", percentile(0.5),
                percentile(0.99), percentile(0.999));
    print_rate("calls_per_second", latencies.size());
}

void Stopwatch::print_messages(size_t messages) const {
    std::printf("{");
    print_rate("messages_per_second", messages);
}

void Stopwatch::print_rate(const char *name, size_t count) const {
    std::printf("\"%s\": %f, \"client_cpu_us\": %f, \"server_cpu_us\": %f}\n", name,
                double(count) / elapsed * 1e6, client_cpu / double(count),
                server_cpu / double(count));
}
