// swift-tools-version:6.2

import PackageDescription

/// Warnings are errors for those who change the code (`make lint`, `make test`, CI), not for those who build
/// it with a newer compiler.
let strictness: [SwiftSetting] =
    Context.environment["OP_AGENTS_WARNINGS_AS_ERRORS"] == "1"
    ? [.treatAllWarnings(as: .error)] : []

/// Settings that every target of ours shares.
let swiftSettings: [SwiftSetting] =
    strictness + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

// Programs find the Swift runtime that is installed beside them, so that a machine without a
// toolchain can run them.
let executableLinkerSettings: [LinkerSetting] = [
    .unsafeFlags([
        "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/op-agents",
        "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../../lib/op-agents",
    ])
]

extension Target.Dependency {
    static let grpcCore = Self.product(name: "GRPCCore", package: "grpc-swift-2")
    static let grpcProtobuf = Self.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
    static let swiftProtobuf = Self.product(name: "SwiftProtobuf", package: "swift-protobuf")
    static let argumentParser = Self.product(
        name: "ArgumentParser", package: "swift-argument-parser")
    static let logging = Self.product(name: "Logging", package: "swift-log")
    static let metrics = Self.product(name: "CoreMetrics", package: "swift-metrics")
    static let metricsTestKit = Self.product(name: "MetricsTestKit", package: "swift-metrics")
    static let subprocess = Self.product(name: "Subprocess", package: "swift-subprocess")
    static let system = Self.product(name: "SystemPackage", package: "swift-system")
    static let grdb = Self.product(name: "GRDB", package: "GRDB.swift")
    static let toml = Self.product(name: "TOMLKit", package: "TOMLKit")
    static let deque = Self.product(name: "DequeModule", package: "swift-collections")
    static let heap = Self.product(name: "HeapModule", package: "swift-collections")
}

/// A library module of this package, with its tests beside it in `Tests/<name>Tests`.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// An executable of this package.
func program(
    _ name: String, path: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, exclude: exclude,
        swiftSettings: swiftSettings, linkerSettings: executableLinkerSettings)
}

/// The unit tests of a module.
func tests(_ subject: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(subject)Tests", dependencies: [.init(stringLiteral: subject)] + dependencies,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "op-agents",
    products: [
        // An event loop and addresses are part of its interface.
        .library(name: "HTTP2Transport", targets: ["HTTP2Transport", "LinuxIO"]),
        .library(name: "AgentClient", targets: ["AgentClient"]),
        .executable(name: "op-supervisor", targets: ["op-supervisor"]),
        .executable(name: "op-agents", targets: ["op-agents"]),
        .executable(name: "op-agent-memory", targets: ["MemoryAgent"]),
        .executable(name: "op-agent-rust-pro", targets: ["RustProAgent"]),
        .executable(name: "op-agent-misbehaving", targets: ["MisbehavingAgent"]),
        .executable(name: "transport-peer", targets: ["TransportPeer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    targets: [
        // The system, wrapped.
        .systemLibrary(
            name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CProcess"),
        .target(name: "CLinuxIO"),
        module("LinuxIO", ["CLinuxIO", .heap]),
        module("Systemd", ["CSystemd", "LinuxIO"]),

        // The wire.
        module("HTTP2Transport", ["CNghttp2", "CZlib", "LinuxIO", .grpcCore, .deque]),
        module(
            "AgentAPI", ["HTTP2Transport", "LinuxIO", .grpcCore, .grpcProtobuf, .swiftProtobuf]),

        // What runs in an agent, and what talks to one.
        module(
            "AgentRuntime",
            [
                "AgentAPI", "HTTP2Transport", "LinuxIO", "Systemd", .grpcCore, .grpcProtobuf,
                .swiftProtobuf, .argumentParser, .logging,
            ]),
        module(
            "AgentClient",
            [
                "AgentAPI", "HTTP2Transport", "LinuxIO", .grpcCore, .grpcProtobuf, .swiftProtobuf,
                .logging, .metrics,
            ]),

        // The supervisor: what is decided, and what is done.
        module("AgentManifest", ["LinuxIO", .toml]),
        module("Supervision", ["AgentManifest"]),
        module(
            "SupervisorRuntime",
            [
                "AgentAPI", "AgentManifest", "CProcess", "HTTP2Transport", "LinuxIO",
                "Supervision", "Systemd", .grpcCore, .grpcProtobuf, .swiftProtobuf, .logging,
            ]),

        // The programs.
        program(
            "op-supervisor", path: "Sources/op-supervisor",
            ["SupervisorRuntime", "AgentManifest", .argumentParser, .logging]),
        program(
            "op-agents", path: "Sources/op-agents",
            [
                "AgentAPI", "AgentClient", "AgentManifest", "LinuxIO", .argumentParser, .grpcCore,
                .swiftProtobuf,
            ]),
        program(
            "MemoryAgent", path: "agents/memory",
            ["AgentAPI", "AgentRuntime", .grdb, .grpcCore, .logging, .swiftProtobuf],
            exclude: ["agent.toml", "README.md"]),
        program(
            "RustProAgent", path: "agents/rust_pro",
            [
                "AgentAPI", "AgentRuntime", "CProcess", "LinuxIO", .subprocess, .system, .grpcCore,
                .logging,
            ],
            exclude: ["agent.toml", "README.md"]),

        // Tests.
        module("TestSupport", ["LinuxIO", "Supervision", "SupervisorRuntime", .grpcCore]),
        program(
            "MisbehavingAgent", path: "Sources/MisbehavingAgent", ["AgentAPI", "AgentRuntime"]),
        program(
            "TransportPeer", path: "Tests/Peers/TransportPeer",
            ["HTTP2Transport", "LinuxIO", .grpcCore, .grpcProtobuf, .swiftProtobuf]),
        tests("LinuxIO", ["CLinuxIO"]),
        tests("Systemd", ["LinuxIO"]),
        tests("HTTP2Transport", ["LinuxIO", .grpcCore]),
        tests("AgentManifest"),
        tests("Supervision", ["AgentManifest"]),
        tests(
            "SupervisorRuntime",
            [
                "AgentAPI", "AgentManifest", "LinuxIO", "Supervision", "Systemd", "TestSupport",
                .grpcCore, .logging,
            ]),
        tests(
            "AgentAPI", ["HTTP2Transport", "LinuxIO", "TestSupport", .grpcCore, .swiftProtobuf]),
        tests(
            "AgentRuntime",
            [
                "AgentAPI", "HTTP2Transport", "LinuxIO", "TestSupport", .grpcCore, .grpcProtobuf,
                .argumentParser, .logging,
            ]),
        tests(
            "AgentClient",
            [
                "AgentAPI", "HTTP2Transport", "LinuxIO", .grpcCore, .metrics, .metricsTestKit,
                .swiftProtobuf,
            ]),
        tests(
            "op-agents",
            [
                "AgentAPI", "AgentClient", "AgentManifest", "LinuxIO", .argumentParser, .grpcCore,
                .swiftProtobuf,
            ]),
        tests(
            "MemoryAgent",
            ["AgentAPI", "AgentRuntime", .grdb, .grpcCore, .logging, .swiftProtobuf]),
        tests("RustProAgent", ["AgentAPI", "AgentRuntime", .logging]),
    ]
)
