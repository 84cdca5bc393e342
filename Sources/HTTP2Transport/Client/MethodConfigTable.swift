internal import GRPCCore

/// What a service configuration says of methods (gRPC, "Service Config").
struct MethodConfigTable: Sendable {
    private var configs: [MethodConfig.Name: MethodConfig] = [:]

    /// - Parameter configuration: Where it has a name twice, the first one counts.
    init(_ configuration: ServiceConfig) {
        for config in configuration.methodConfig {
            for name in config.names where configs[name] == nil { configs[name] = config }
        }
    }

    /// The configuration of a method: its own, else its service's, else the one for all methods.
    subscript(_ method: MethodDescriptor) -> MethodConfig? {
        guard !configs.isEmpty else { return nil }
        let service = method.service.fullyQualifiedService
        // Without a service a name means all methods, and must have no method.
        guard !service.isEmpty else { return configs[MethodConfig.Name(service: "")] }
        return configs[MethodConfig.Name(service: service, method: method.method)]
            ?? configs[MethodConfig.Name(service: service)]
            ?? configs[MethodConfig.Name(service: "")]
    }
}
