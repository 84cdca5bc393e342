#include "echo_client.h"

#include <stdexcept>
#include <string>

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

std::unique_ptr<grpc::GenericStub> make_client(int port) {
    grpc::ChannelArguments arguments;
    // Channels to one address share a connection otherwise.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    std::string target = "ipv4:127.0.0.1:" + std::to_string(port);
    return std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
}

bool wait(grpc::CompletionQueue &queue) {
    void *tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
}

void check(const grpc::Status &status) {
    if (status.ok()) return;
    throw std::runtime_error("the call failed with status " +
                             std::to_string(status.error_code()) + ": " + status.error_message());
}
