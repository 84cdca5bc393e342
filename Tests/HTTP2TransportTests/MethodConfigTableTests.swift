import GRPCCore
import Testing

@testable import HTTP2Transport

struct MethodConfigTableTests {
    private static func config(_ names: (String, String)..., seconds: Int) -> MethodConfig {
        MethodConfig(
            names: names.map { MethodConfig.Name(service: $0.0, method: $0.1) },
            timeout: .seconds(seconds))
    }

    private static let table = MethodConfigTable(
        ServiceConfig(methodConfig: [
            config(("", ""), seconds: 1), config(("a.B", ""), ("a.C", "X"), seconds: 2),
            config(("a.B", "X"), seconds: 3), config(("a.B", "X"), ("a.D", ""), seconds: 4),
        ]))

    @Test(arguments: [
        ("a.B", "X", 3), ("a.B", "Y", 2), ("a.C", "X", 2), ("a.C", "Y", 1), ("a.D", "X", 4),
        ("other", "X", 1), ("", "X", 1),
    ])
    func mostPreciseNameCounts(service: String, method: String, seconds: Int) {
        let descriptor = MethodDescriptor(fullyQualifiedService: service, method: method)
        #expect(Self.table[descriptor]?.timeout == .seconds(seconds))
    }

    @Test func emptyConfigurationSaysNothing() {
        let table = MethodConfigTable(ServiceConfig())
        #expect(table[MethodDescriptor(fullyQualifiedService: "a.B", method: "X")] == nil)
    }
}
