private import FoundationEssentials
internal import GRPCCore

/// How a call ended, for a reader in another language.
struct Outcome: Encodable {
    /// The number of its status (gRPC, "Status codes and their use").
    let status: Int
    let message: String
    /// Bytes in the payload of the response; nil where there is none.
    let size: Int?
    /// The initial metadata of a response; empty for a refusal.
    let initial: [String: [String]]
    /// The trailing metadata, or all that came with a refusal.
    let trailing: [String: [String]]

    init(_ response: ClientResponse<Grpc_Testing_SimpleResponse>) {
        do {
            let message = try response.message
            self.init(
                Status(code: .ok, message: ""), size: message.payload.body.count,
                initial: response.metadata, trailing: response.trailingMetadata)
        } catch let error as RPCError {
            self.init(error, initial: response.metadata)
        } catch {
            self.init(RPCError(code: .unknown, message: "\(error)", cause: error))
        }
    }

    init(_ error: RPCError, initial: Metadata = [:]) {
        self.init(
            Status(code: Status.Code(error.code), message: error.message), size: nil,
            initial: initial, trailing: error.metadata)
    }

    private init(_ status: Status, size: Int?, initial: Metadata, trailing: Metadata) {
        self.status = status.code.rawValue
        message = status.message
        self.size = size
        self.initial = Self.texts(initial)
        self.trailing = Self.texts(trailing)
    }

    /// One line of JSON.
    func line() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }

    private static func texts(_ metadata: Metadata) -> [String: [String]] {
        Dictionary(grouping: metadata, by: \.key).mapValues { $0.map { $0.value.encoded() } }
    }
}
