#include <optional>
#include <stdexcept>
#include <string>

#include "messages.h"
#include "echo_client.h"
#include "loads.h"
#include "measurement.h"

namespace {

// Counts the messages of a stream, and measures once it is warm.
class StreamCount {
  public:
    StreamCount(pid_t server, double seconds)
        : server(server), warm(after(seconds / 4)), end(after(seconds / 4 + seconds)) {}

    // Counts one more message; false, and it is not counted, where the time is over.
    bool goes_on() {
        Clock::time_point now = Clock::now();
        if (!stopwatch && now >= warm) {
            stopwatch.emplace(server);
            cold = total;
        }
        if (now >= end) {
            stopwatch->stop();
            return false;
        }
        total++;
        return true;
    }

    void print() const { stopwatch->print_messages(total - cold); }

    size_t total = 0;

  private:
    pid_t server;
    Clock::time_point warm, end;
    size_t cold = 0;
    std::optional<Stopwatch> stopwatch;
};

[[noreturn]] void fail(grpc::GenericClientAsyncReaderWriter &call, grpc::CompletionQueue &queue) {
    grpc::Status status;
    call.Finish(&status, nullptr);
    wait(queue);
    check(status);
    throw std::runtime_error("the stream ended before its time");
}

}  // namespace

void upload(int port, pid_t server, double seconds, int size) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    auto client = make_client(port);
    auto call = client->PrepareCall(&context, "/bench.Echo/Collect", &queue);
    call->StartCall(nullptr);
    wait(queue);
    grpc::ByteBuffer message = to_bytes(std::string(size_t(size), 'o'));
    StreamCount count(server, seconds);
    while (count.goes_on()) {
        call->Write(message, among_many(count.total, message), nullptr);
        if (!wait(queue)) fail(*call, queue);
    }
    call->WritesDone(nullptr);
    wait(queue);
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    if (!wait(queue)) fail(*call, queue);
    if (to_text(answer) != std::to_string(count.total * size_t(size))) {
        throw std::runtime_error("messages were lost: " + to_text(answer) + " bytes arrived");
    }
    count.print();
}

void download(int port, pid_t server, double seconds, int size) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    auto client = make_client(port);
    auto call = client->PrepareCall(&context, "/bench.Echo/Produce", &queue);
    call->StartCall(nullptr);
    wait(queue);
    call->WriteLast(to_bytes(std::to_string(size)), grpc::WriteOptions(), nullptr);
    wait(queue);
    StreamCount count(server, seconds);
    grpc::ByteBuffer message;
    do {
        call->Read(&message, nullptr);
        if (!wait(queue)) fail(*call, queue);
        if (message.Length() != size_t(size)) {
            throw std::runtime_error("a message has a length of its own");
        }
    } while (count.goes_on());
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    wait(queue);
    count.print();
}
