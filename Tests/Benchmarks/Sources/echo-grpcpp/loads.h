#pragma once

#include <sys/types.h>

// Each calls for a quarter of the time to warm up, then for the time, and prints one line of JSON.
// server: the process whose processor time counts. Each throws std::runtime_error where a call fails.

// Unary calls of one size, always the same number of them in flight, spread over the connections evenly.
void unary(int port, pid_t server, double seconds, int size, int in_flight, int connections);

// Messages from the client to the server on one stream.
void upload(int port, pid_t server, double seconds, int size);

// Messages from the server to the client on one stream.
void download(int port, pid_t server, double seconds, int size);

// Connections, one after the other: each is made, called on once, and closed.
void connect(int port, pid_t server, double seconds);
