// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with: Swift 6, the upcoming features, warnings as errors.
let common: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .treatAllWarnings(as: .error),
]

/// The rooms that never see a raw pointer: any unsafe construct there is an error.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

let package = Package(
  name: "exeio",
  products: [.executable(name: "exeio", targets: ["exeio"])],
  targets: [
    .systemLibrary(name: "CLibUV", path: "CLibUV", providers: [.apt(["libuv1-dev"])]),
    .systemLibrary(name: "CHTTPParser", providers: [.apt(["libhttp-parser-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CAres", providers: [.apt(["libc-ares-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "Basics", swiftSettings: safe),
    .target(
      name: "UV", dependencies: ["Basics", "CAres", "CCrypt", "CLibUV", "CLinux"],
      swiftSettings: common),
    .target(name: "HTTP", dependencies: ["Basics", "CHTTPParser"], swiftSettings: common),
    .target(name: "Supervision", dependencies: ["Basics"], swiftSettings: safe),
    .target(name: "Logs", dependencies: ["Basics", "UV", "CLinux"], swiftSettings: common),
    .target(name: "API", dependencies: ["Basics", "HTTP", "Supervision"], swiftSettings: safe),
    .target(
      name: "ExeioDaemon", dependencies: ["API", "Basics", "HTTP", "Logs", "Supervision", "UV"],
      path: "Sources/Daemon", swiftSettings: safe),
    .executableTarget(name: "exeio", dependencies: ["ExeioDaemon"], swiftSettings: safe),
    // What tests start as a process; it is built with them and not shipped.
    .executableTarget(
      name: "exeio-test-helper", path: "Tests/TestHelper", swiftSettings: common),
    .target(
      name: "TestSupport", dependencies: ["CLinux", "Supervision", "UV"], path: "Tests/TestSupport",
      swiftSettings: common),
    .testTarget(name: "BasicsTests", dependencies: ["Basics"], swiftSettings: common),
    .testTarget(
      name: "UVTests", dependencies: ["Basics", "UV", "TestSupport", "exeio-test-helper"],
      swiftSettings: common),
    .testTarget(
      name: "HTTPTests", dependencies: ["HTTP", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "SupervisionTests", dependencies: ["Basics", "Supervision", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "LogsTests",
      dependencies: ["Basics", "Logs", "UV", "TestSupport", "exeio-test-helper"],
      swiftSettings: common),
    .testTarget(
      name: "APITests", dependencies: ["API", "Basics", "HTTP", "Supervision", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "ExeioDaemon", "API", "Basics", "HTTP", "Logs", "Supervision", "UV", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(name: "HouseTests", swiftSettings: common),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["exeio", "exeio-test-helper", "HTTP", "TestSupport", "UV"],
      swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)
