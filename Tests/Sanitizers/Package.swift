// swift-tools-version:6.2

import PackageDescription

// The transport and its tests, built for the sanitizers. A package of its own, so that nothing else is built
// for them; `run` gives the flags. The modules are the product's, by links.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")

let package = Package(
    name: "sanitizers",
    dependencies: [
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "CLinuxIO"),
        .target(
            name: "LinuxIO",
            dependencies: [
                "CLinuxIO", .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "HTTP2Transport",
            dependencies: [
                "CNghttp2", "CZlib", "LinuxIO", grpcCore,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LinuxIOTests", dependencies: ["LinuxIO"], swiftSettings: swiftSettings),
        .testTarget(
            name: "HTTP2TransportTests", dependencies: ["HTTP2Transport", "LinuxIO", grpcCore],
            swiftSettings: swiftSettings),
    ]
)
