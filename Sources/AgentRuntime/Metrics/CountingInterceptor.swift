internal import AgentAPI
internal import GRPCCore
private import HTTP2Transport
private import LinuxIO

/// Counts the calls of typed services, but for direct methods, which pass no interceptor.
struct CountingInterceptor: ServerInterceptor {
    let counters: CallCounters

    @concurrent func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>, context: ServerContext,
        next:
            @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
            StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let counter = counters.counter(of: context.descriptor)
        let isStreaming = counters.isStreaming(context.descriptor)
        let (start, deadline) = (MonotonicInstant.now, context.http2?.deadline)
        let fail: @Sendable (any Error) -> Void = { error in
            counter.count(Self.status(of: error, deadline), since: start)
        }
        var response: StreamingServerResponse<Output>
        do {
            response = try await next(request, context)
        } catch {
            fail(error)
            throw error
        }
        switch response.accepted {
        case .success(var contents):
            let producer = contents.producer
            contents.producer = { writer in
                do {
                    let trailers = try await producer(
                        isStreaming
                            ? RPCWriter(wrapping: CountingWriter(writer, counter)) : writer)
                    counter.count(.ok, since: start)
                    return trailers
                } catch {
                    fail(error)
                    throw error
                }
            }
            response.accepted = .success(contents)
        case .failure(let error): fail(error)
        }
        return response
    }

    /// How a call ended: one that was cancelled behind its deadline has been answered with that.
    private static func status(
        of error: any Error, _ deadline: ContinuousClock.Instant?
    ) -> Status.Code {
        let code = RPCError(anyError: error).code
        if code == .cancelled, let deadline, deadline <= .now { return .deadlineExceeded }
        return Status.Code(code)
    }
}
