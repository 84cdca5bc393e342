#include "messages.h"

#include <vector>

grpc::ByteBuffer to_bytes(const std::string &text) {
    grpc::Slice slice(text);
    return grpc::ByteBuffer(&slice, 1);
}

std::string to_text(const grpc::ByteBuffer &bytes) {
    std::vector<grpc::Slice> slices;
    bytes.Dump(&slices);
    std::string text;
    for (const grpc::Slice &slice : slices) {
        text.append(reinterpret_cast<const char *>(slice.begin()), slice.size());
    }
    return text;
}

grpc::WriteOptions among_many(size_t number, const grpc::ByteBuffer &message) {
    grpc::WriteOptions options;
    if (message.Length() < 4096 && number % 64 != 0) options.set_buffer_hint();
    return options;
}
