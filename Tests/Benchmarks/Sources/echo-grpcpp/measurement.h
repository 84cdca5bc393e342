#pragma once

#include <chrono>
#include <vector>

#include <sys/types.h>

using Clock = std::chrono::steady_clock;

// Until so many seconds from now.
Clock::time_point after(double seconds);

// The time, and the processor time of both ends, since it was made.
class Stopwatch {
  public:
    // Throws std::system_error where there is no such process.
    explicit Stopwatch(pid_t server);

    // Keeps what has passed until now.
    void stop();

    // Prints a measurement as one line of JSON: the times that calls took, how many there were in a
    // second, and what each cost. At least one.
    void print_calls(std::vector<Clock::duration> &latencies) const;

    // Prints the same of the messages of a stream, which have no times.
    void print_messages(size_t messages) const;

  private:
    pid_t server;
    Clock::time_point start;
    double client_cpu, server_cpu;
    double elapsed = 0;

    void print_rate(const char *name, size_t count) const;
};
