#include <deque>
#include <optional>
#include <stdexcept>
#include <string>

#include "messages.h"
#include "echo_client.h"
#include "loads.h"
#include "measurement.h"

namespace {

// One call after the other on one connection.
class Caller {
  public:
    Caller(grpc::GenericStub &client, grpc::CompletionQueue &queue, const grpc::ByteBuffer &message)
        : client(client), queue(queue), message(message) {}

    void call(Clock::time_point now) {
        start = now;
        context.emplace();
        reader = client.PrepareUnaryCall(&*context, "/bench.Echo/Echo", message, &queue);
        reader->StartCall();
        reader->Finish(&answer, &status, this);
    }

    // Returns when the call had begun.
    Clock::time_point finish() {
        check(status);
        if (answer.Length() != message.Length()) {
            throw std::runtime_error("the echo has a length of its own");
        }
        return start;
    }

  private:
    grpc::GenericStub &client;
    grpc::CompletionQueue &queue;
    const grpc::ByteBuffer &message;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    Clock::time_point start;
};

std::vector<Clock::duration> run(std::deque<Caller> &callers, grpc::CompletionQueue &queue,
                                 double seconds) {
    std::vector<Clock::duration> latencies;
    Clock::time_point deadline = after(seconds);
    for (Caller &caller : callers) caller.call(Clock::now());
    for (size_t running = callers.size(); running > 0;) {
        void *tag = nullptr;
        bool ok = false;
        queue.Next(&tag, &ok);
        Caller &caller = *static_cast<Caller *>(tag);
        Clock::time_point begun = caller.finish(), now = Clock::now();
        latencies.push_back(now - begun);
        if (now < deadline) {
            caller.call(now);
        } else {
            running--;
        }
    }
    return latencies;
}

}  // namespace

void unary(int port, pid_t server, double seconds, int size, int in_flight, int connections) {
    grpc::CompletionQueue queue;
    grpc::ByteBuffer message = to_bytes(std::string(size_t(size), 'o'));
    std::vector<std::unique_ptr<grpc::GenericStub>> clients;
    for (int index = 0; index < connections; index++) clients.push_back(make_client(port));
    std::deque<Caller> callers;
    for (int index = 0; index < in_flight; index++) {
        callers.emplace_back(*clients[size_t(index % connections)], queue, message);
    }
    run(callers, queue, seconds / 4);
    Stopwatch stopwatch(server);
    std::vector<Clock::duration> latencies = run(callers, queue, seconds);
    stopwatch.stop();
    stopwatch.print_calls(latencies);
}
