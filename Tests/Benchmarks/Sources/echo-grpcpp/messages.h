#pragma once

#include <string>

#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

// Messages are bytes, as on the other sides: what is measured is gRPC, not a codec.
grpc::ByteBuffer to_bytes(const std::string &text);
std::string to_text(const grpc::ByteBuffer &bytes);

// How one of many messages is written, by its number: small ones are gathered and sent with every 64th,
// which is three times as fast as each on its own.
grpc::WriteOptions among_many(size_t number, const grpc::ByteBuffer &message);
