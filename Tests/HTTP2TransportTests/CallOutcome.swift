import GRPCCore

/// How a unary call ended for its caller, in a form that can be compared and read.
struct CallOutcome: Hashable, CustomStringConvertible {
    /// Nil for an error that has none.
    var code: Status.Code?
    var text = ""
    /// The error came before any response did.
    var isRejected = false
    var message: [UInt8] = []
    var metadata: [String] = []
    var trailingMetadata: [String] = []

    init(_ response: ClientResponse<[UInt8]>) {
        metadata = Self.list(response.metadata)
        trailingMetadata = Self.list(response.trailingMetadata)
        switch response.accepted {
        case .success(let contents):
            switch contents.message {
            case .success(let message):
                (self.message, code) = (message, .ok)
            case .failure(let error):
                (code, text) = (Status.Code(error.code), error.message)
                trailingMetadata = Self.list(error.metadata)
            }
        case .failure(let error):
            (code, text, isRejected) = (Status.Code(error.code), error.message, true)
        }
    }

    /// - Parameter error: What a client threw in place of a response.
    init(_ error: any Error) {
        if let error = error as? RPCError {
            self.init(ClientResponse(accepted: .failure(error)))
        } else {
            self.init(ClientResponse(error: RPCError(code: .unknown, message: "\(error)")))
            code = nil
        }
    }

    /// Metadata in an order that does not depend on how it travelled, but for values of one key.
    static func list(_ metadata: Metadata) -> [String] {
        Dictionary(grouping: metadata.filter { $0.key != "user-agent" }, by: \.key)
            .map { key, pairs in "\(key): \(pairs.map { "\($0.value)" })" }
            .sorted()
    }

    var description: String {
        let outcome = code.map { "\($0)" } ?? "no status"
        let size = message.count > 32 ? "\(message.count) bytes" : "\(message)"
        return "\(outcome) \"\(text)\"\(isRejected ? " rejected" : ""), message: \(size), "
            + "metadata: \(metadata), trailing: \(trailingMetadata)"
    }
}
