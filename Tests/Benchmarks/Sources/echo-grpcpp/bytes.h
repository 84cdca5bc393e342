#pragma once

#include <string>

#include <grpcpp/support/byte_buffer.h>

// Messages are bytes, as on the other sides: what is measured is gRPC, not a codec.
grpc::ByteBuffer to_bytes(const std::string &text);
std::string to_text(const grpc::ByteBuffer &bytes);
