// swift-tools-version:6.2

import PackageDescription

// The product beside what it is measured against. A package of its own, so that the product never
// depends on a peer.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "op-agents", path: "../.."),
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
    ],
    targets: [
        // Both programs have the folder `echo` in them, by a symbolic link: the service and its calls are part of the
        // program's own module, as stubs that grpc-swift's plugin generates are, and specialized for its transport.
        .executableTarget(
            name: "echo-http2",
            dependencies: [
                grpcCore,
                .product(name: "HTTP2Transport", package: "op-agents"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "echo-nio",
            dependencies: [
                grpcCore,
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(name: "echo-tcp"),
    ]
)
