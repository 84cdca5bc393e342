#include "bytes.h"

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
