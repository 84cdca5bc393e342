#include "echo_server.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "messages.h"

namespace {

// One call, from its acceptance to its end: a tag of its completion queue, where it has one operation at
// a time.
class Call {
  public:
    static void accept(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue) {
        Call *call = new Call(service, queue);
        service.RequestCall(&call->context, &call->stream, &queue, &queue, call);
    }

    // Goes on after its operation, which succeeded or not.
    void proceed(bool ok) {
        switch (step) {
        case Step::accept:
            if (!ok) return end();
            accept(service, queue);
            step = Step::read;
            return stream.Read(&message, this);
        case Step::read: return ok ? did_read() : did_read_last();
        case Step::write: return ok ? did_write() : finish();
        case Step::finish: return end();
        }
    }

  private:
    enum class Step { accept, read, write, finish };

    Call(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue)
        : service(service), queue(queue), stream(&context) {}

    bool is(const char *method) const { return context.method() == method; }

    void did_read() {
        if (is("/bench.Echo/Echo")) return answer();
        if (is("/bench.Echo/Collect")) {
            collected += message.Length();
            return stream.Read(&message, this);
        }
        if (is("/bench.Echo/Produce")) {
            message = to_bytes(std::string(std::stoul(to_text(message)), 'o'));
        }
        step = Step::write;
        stream.Write(message, this);
    }

    void did_read_last() {
        if (!is("/bench.Echo/Collect")) return finish();
        message = to_bytes(std::to_string(collected));
        answer();
    }

    void did_write() {
        if (is("/bench.Echo/Produce")) {
            return stream.Write(message, among_many(++produced, message), this);
        }
        step = Step::read;
        stream.Read(&message, this);
    }

    void answer() {
        step = Step::finish;
        stream.WriteAndFinish(message, grpc::WriteOptions(), grpc::Status::OK, this);
    }

    void finish() {
        step = Step::finish;
        stream.Finish(grpc::Status::OK, this);
    }

    void end() { delete this; }

    grpc::AsyncGenericService &service;
    grpc::ServerCompletionQueue &queue;
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream;
    grpc::ByteBuffer message;
    // Bytes and messages.
    size_t collected = 0, produced = 0;
    Step step = Step::accept;
};

}  // namespace

void serve(int threads) {
    grpc::AsyncGenericService service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&service);
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    for (int index = 0; index < threads; index++) queues.push_back(builder.AddCompletionQueue());
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr) throw std::runtime_error("cannot listen on a port of 127.0.0.1");
    for (auto &queue : queues) Call::accept(service, *queue);
    std::printf("%d\n", port);
    std::fflush(stdout);

    auto poll = [](grpc::ServerCompletionQueue &queue) {
        void *tag = nullptr;
        bool ok = false;
        while (queue.Next(&tag, &ok)) static_cast<Call *>(tag)->proceed(ok);
    };
    std::vector<std::thread> others;
    for (size_t index = 1; index < queues.size(); index++) {
        others.emplace_back([&, index] { poll(*queues[index]); });
    }
    poll(*queues[0]);
    for (std::thread &other : others) other.join();
}
