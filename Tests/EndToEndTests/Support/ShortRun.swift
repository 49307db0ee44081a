import Foundation

/// The binary run to its end, for starts that are to fail.
struct ShortRun {
  var code: Int32
  var output: String
  var error: String

  /// - Parameters:
  ///   - arguments: beside the directories, which are given to it.
  ///   - data: the data directory; one of its own where nil.
  ///   - prepare: called with the configuration directory before the start.
  ///   - after: called with it after the end.
  init(
    _ arguments: [String], environment: [String: String] = [:], sharing data: URL? = nil,
    prepare: (URL) throws -> Void = { _ in }, after: (URL) throws -> Void = { _ in }
  ) throws {
    let directory = URL(fileURLWithPath: NSTemporaryDirectory())
      .appendingPathComponent("exeio-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer {
      do {
        try FileManager.default.removeItem(at: directory)
      } catch {
        print("could not remove \(directory.path): \(error)")
      }
    }
    try prepare(directory)
    try self.init(
      exactly: (arguments.contains("--config-dir") ? [] : ["--config-dir", directory.path])
        + ["--data-dir", data?.path ?? directory.path] + arguments,
      environment: environment)
    try after(directory)
  }

  /// Runs it with these arguments and no others.
  /// - Parameter file: where its standard output goes; caught where nil.
  init(
    exactly arguments: [String], environment: [String: String] = [:], to file: FileHandle? = nil
  ) throws {
    let process = Foundation.Process()
    let output = Pipe()
    let errors = Pipe()
    process.executableURL = DaemonUnderTest.binary
    process.arguments = arguments
    process.environment = TestEnvironment.inherited.merging(environment) { $1 }
    if let file { process.standardOutput = file } else { process.standardOutput = output }
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    if file != nil { try output.fileHandleForWriting.close() }
    self.output = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    error = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }

  /// Runs a command to its end, and catches what it writes to its standard error.
  static func error(of command: String, _ arguments: [String]) throws -> (
    code: Int32, error: String
  ) {
    let process = Foundation.Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let bytes = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  /// What a command writes to its standard output.
  static func output(of command: String, _ arguments: [String]) throws -> String {
    let process = Foundation.Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
