#pragma once

#include <memory>

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

// A client with a connection of its own to a port of 127.0.0.1, which its first call makes.
std::unique_ptr<grpc::GenericStub> make_client(int port);

// Waits for the one operation that a queue has; returns whether it succeeded.
bool wait(grpc::CompletionQueue &queue);

// Throws std::runtime_error where a call failed.
void check(const grpc::Status &status);
