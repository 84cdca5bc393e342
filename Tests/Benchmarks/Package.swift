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
        .target(name: "EchoBenchmark", dependencies: [grpcCore], swiftSettings: swiftSettings),
        .executableTarget(
            name: "echo-http2",
            dependencies: [
                "EchoBenchmark", grpcCore,
                .product(name: "HTTP2Transport", package: "op-agents"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "echo-nio",
            dependencies: [
                "EchoBenchmark", grpcCore,
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(name: "echo-tcp"),
    ]
)
