/// How an agent comes to listen on its port.
package enum ListenPolicy: String, CaseIterable, Sendable {
    /// It takes over its port's listening socket, which it finds at descriptor 3 (sd_listen_fds(3)).
    case adopt
    /// It listens on the unix socket that `OP_AGENT_LISTEN` names, and the supervisor passes on the
    /// connections to its port.
    ///
    /// For gRPC libraries that listen on addresses only.
    case unix
}
