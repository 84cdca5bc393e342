// The peer that is to be beaten: gRPC's C++ library through its asynchronous, generic interface, one
// thread with one completion queue on each side. The same commands and the same line of JSON as the
// Swift programs.
#include <cstdio>
#include <exception>
#include <stdexcept>

#include <grpcpp/grpcpp.h>
#include <sysexits.h>

#include "arguments.h"
#include "echo_server.h"
#include "loads.h"

static void run(const Arguments &arguments) {
    if (arguments.command == "version") {
        std::printf("%s\n", grpc::Version().c_str());
        return;
    }
    if (arguments.command == "serve") return serve(arguments.count("threads", 1));
    int port = arguments.count("port");
    int server = arguments.count("server");
    double seconds = arguments.seconds();
    int size = arguments.count("size", 32);
    if (arguments.command == "unary") {
        unary(port, server, seconds, size, arguments.count("in-flight", 1),
              arguments.count("connections", 1));
    } else if (arguments.command == "upload") {
        upload(port, server, seconds, size);
    } else if (arguments.command == "download") {
        download(port, server, seconds, size);
    } else if (arguments.command == "connect") {
        connect(port, server, seconds);
    } else {
        throw std::invalid_argument("cannot run " + arguments.command +
                                    ": the commands are version, serve, unary, upload, download "
                                    "and connect");
    }
}

int main(int count, char **words) {
    try {
        run(Arguments(count, words));
        return 0;
    } catch (const std::invalid_argument &error) {
        std::fprintf(stderr, "%s: %s\n", words[0], error.what());
        return EX_USAGE;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s: %s\n", words[0], error.what());
        return 1;
    }
}
