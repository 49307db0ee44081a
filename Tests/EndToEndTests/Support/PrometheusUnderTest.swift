import Foundation
import Glibc
import TestSupport
import Testing

/// A Prometheus that scrapes one daemon, as `docs/metrics.md` tells, but four times a second.
final class PrometheusUnderTest {
  private let directory: URL
  private let port: UInt16
  private let process = Foundation.Process()

  /// The files that are shipped for it.
  static let shipped = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("packaging")

  static var alerts: URL { shipped.appendingPathComponent("prometheus/alerts.yml") }

  init(scraping daemon: DaemonUnderTest) throws {
    directory = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-prometheus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    port = try unusedPort()
    try Data("test-key\n".utf8).write(to: directory.appendingPathComponent("exeio-key"))
    let configuration = directory.appendingPathComponent("prometheus.yml")
    try Data(
      """
      global: {scrape_interval: 250ms, evaluation_interval: 250ms}
      rule_files: ["\(Self.alerts.path)"]
      scrape_configs:
        - job_name: exeio
          authorization: {type: Bearer, credentials_file: \(directory.path)/exeio-key}
          static_configs: [{targets: ["127.0.0.1:\(daemon.port)"]}]
      """.utf8
    ).write(to: configuration)
    process.executableURL = URL(
      fileURLWithPath: try #require(Installed.path(of: "prometheus")))
    process.arguments = [
      "--config.file=\(configuration.path)", "--web.listen-address=127.0.0.1:\(port)",
      "--storage.tsdb.path=\(directory.path)/data", "--log.level=error",
    ]
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    // The threads of the tests have their signals blocked, and so has it: SIGTERM would wait.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    do {
      try FileManager.default.removeItem(at: directory)
    } catch {
      print("could not remove \(directory.path): \(error)")
    }
  }

  /// One element of the answer to a query: its labels, and its value.
  struct Element: Decodable {
    let metric: [String: String]
    let value: Double

    private enum Key: CodingKey {
      case metric, value
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      metric = try container.decode([String: String].self, forKey: .metric)
      var pair = try container.nestedUnkeyedContainer(forKey: .value)
      _ = try pair.decode(Double.self)
      value = Double(try pair.decode(String.self)) ?? .nan
    }
  }

  /// Asks for what is so now. Throws what Prometheus has to say against the query.
  func query(_ expression: String) throws -> [Element] {
    guard process.isRunning else { throw NeverHappened(description: "prometheus has ended") }
    let run = try Promtool([
      "query", "instant", "-o", "json", "http://127.0.0.1:\(port)", expression,
    ])
    guard run.code == 0 else {
      throw NeverHappened(description: "'\(expression)': \(run.output)\(run.error)")
    }
    return try JSONDecoder().decode([Element].self, from: Data(run.output.utf8))
  }

  /// Waits until it has looked at the daemon so often.
  func wait(forScrapes count: Int) throws {
    try eventually("the daemon is scraped") {
      // It may not listen yet, which is no news.
      guard let elements = try? query("sum_over_time(up{job=\"exeio\"}[1h])") else { return false }
      return elements.first.map { $0.value >= Double(count) } ?? false
    }
  }

  /// Waits until a query has one element of this value.
  func wait(until expression: String, is value: Double) throws {
    try eventually("\(expression) is \(value)") {
      try query(expression).map(\.value) == [value]
    }
  }
}

/// One call of promtool.
struct Promtool {
  let code: Int32
  let output: String
  let error: String

  /// - Parameter input: a file for its standard input.
  init(_ arguments: [String], input: URL? = nil, in directory: URL? = nil) throws {
    let process = Foundation.Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: try #require(Installed.path(of: "promtool")))
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.standardInput = try input.map(FileHandle.init(forReadingFrom:)) ?? .nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    self.output = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    error = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }
}

extension Trait where Self == ConditionTrait {
  /// A test with Prometheus: `make test-metrics` installs it.
  static var needsPrometheus: ConditionTrait {
    .enabled("needs prometheus, promtool: make test-metrics") {
      Installed.purposes.contains("metrics")
        || ["prometheus", "promtool"].allSatisfy { Installed.path(of: $0) != nil }
    }
  }
}
