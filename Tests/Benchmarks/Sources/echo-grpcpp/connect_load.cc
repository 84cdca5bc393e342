#include "messages.h"
#include "echo_client.h"
#include "loads.h"
#include "measurement.h"

static std::vector<Clock::duration> run(int port, double seconds) {
    std::vector<Clock::duration> latencies;
    Clock::time_point deadline = after(seconds);
    for (Clock::time_point start = Clock::now(); start < deadline; start = Clock::now()) {
        grpc::CompletionQueue queue;
        grpc::ClientContext context;
        grpc::ByteBuffer answer;
        grpc::Status status;
        auto client = make_client(port);
        auto reader = client->PrepareUnaryCall(&context, "/bench.Echo/Echo", to_bytes(""), &queue);
        reader->StartCall();
        reader->Finish(&answer, &status, nullptr);
        wait(queue);
        check(status);
        latencies.push_back(Clock::now() - start);
    }
    return latencies;
}

void connect(int port, pid_t server, double seconds) {
    run(port, seconds / 4);
    Stopwatch stopwatch(server);
    std::vector<Clock::duration> latencies = run(port, seconds);
    stopwatch.stop();
    stopwatch.print_calls(latencies);
}
