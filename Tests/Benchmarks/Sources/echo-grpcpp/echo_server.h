#pragma once

// Prints the port, and serves bench.Echo until the process is killed.
//
// threads: each polls a completion queue of its own.
void serve(int threads);
