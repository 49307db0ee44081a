import Glibc
import Logs
import TestSupport
import Testing
import UV

/// A log directory, a clock that tests move, and the loop.
final class Scene {
  let directory: TemporaryDirectory
  let loop: Loop
  private(set) var context: LogContext!
  private var contexts: [LogContext] = []
  /// 2025-07-15 10:30:45, where the contract's examples begin.
  var time = Duration.seconds(1_752_575_445)

  init(_ loop: Loop) throws {
    self.loop = loop
    directory = try TemporaryDirectory()
    context = makeContext()
  }

  /// What a daemon that starts again has.
  func makeContext(origin: String = "127.0.0.1:8080") -> LogContext {
    let context = LogContext(loop: loop, origin: origin, now: { [unowned self] in time })
    contexts.append(context)
    return context
  }

  /// Lets go of what the contexts have of the loop.
  fileprivate func close() {
    for context in contexts { context.close() }
  }

  func log(_ name: String = "a.log", maxBytes: Int = 0, maxFiles: Int = 5) throws -> Log {
    let limits = LogLimits(maxBytes: maxBytes, maxFiles: maxFiles)
    let log = Log(path: directory.file(name), limits: limits, context: context)
    var failure: UVError?
    try wait { done in
      log.whenOpen {
        failure = $0
        done()
      }
    }
    if let failure { throw failure }
    return log
  }

  /// Everything in a file.
  func bytes(_ name: String = "a.log") throws -> [UInt8] {
    try Files.read(directory.file(name), limit: 1 << 30)
  }

  /// The lines of a file, as text.
  func lines(_ name: String = "a.log") throws -> [String] {
    try bytes(name).split(separator: 10, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Files.createNew(directory.file(name), mode: 0o640, contents: bytes)
  }

  /// Appends to a file as another program would.
  func append(_ bytes: [UInt8], to name: String) throws {
    var file = try AppendFile(path: directory.file(name), mode: 0o640)
    try file.append(bytes)
    file.close()
  }

  /// Waits until everything that was given has been written.
  func flush(_ log: Log) throws {
    try wait { log.flush(then: $0) }
  }

  func close(_ log: Log) throws {
    try wait { done in log.close { _ in done() } }
  }

  /// Runs the loop until what was begun calls back.
  func wait(_ begin: (@escaping () -> Void) -> Void) throws {
    var isDone = false
    begin { isDone = true }
    try runLoop(loop) { isDone }
  }

  /// A page as lines of text, and the total.
  func page(_ log: Log, _ query: LogQuery) throws -> (total: Int, lines: [String]) {
    let page = try numberedPage(log, query)
    return (page.totalLines ?? -1, page.text)
  }

  /// A page with its total. Where that is not known at first, the page is the same when it is.
  func numberedPage(_ log: Log, _ query: LogQuery) throws -> LogPage {
    let first = try pageOfBytes(log, query)
    var page = first
    while page.totalLines == nil { page = try pageOfBytes(log, query) }
    #expect(page.lines == first.lines, "\(query)")
    #expect((page.numbers == nil) == page.lines.isEmpty, "\(query)")
    return page
  }

  func pageOfBytes(_ log: Log, _ query: LogQuery) throws -> LogPage {
    var result: Result<LogPage, LogFailure>?
    log.page(query) { result = $0 }
    try runLoop(loop) { result != nil }
    guard let result else { throw LogFailure(message: "no answer") }
    return try result.get()
  }
}

/// Gives a test a scene on a loop of its own.
@discardableResult
func withScene<Value>(
  limit: Duration = .seconds(60), _ body: (Scene) throws -> Value
) throws -> Value {
  try withLoop(limit: limit) { loop in
    let scene = try Scene(loop)
    defer { scene.close() }
    return try body(scene)
  }
}

extension LogPage {
  /// Its lines as text.
  var text: [String] { lines.map { String(decoding: $0, as: UTF8.self) } }
}

extension LogInput {
  func write(_ bytes: [UInt8]) { write(bytes.span.bytes) }
  func write(_ text: String) { write(Array(text.utf8)) }
}
