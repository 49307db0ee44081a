import Glibc
import Testing

@Suite struct TableTests {
  /// No pair is undefined, and each does what the table says.
  @Test(arguments: TableState.allCases) func everyPairDoesWhatTheTableSays(tableState: TableState) {
    for tableEvent in TableEvent.allCases {
      guard let expected = Table.outcome(tableState, tableEvent) else {
        Issue.record("the table says nothing of \(tableEvent) while \(tableState)")
        continue
      }
      if expected == Table.traps { continue }
      var world = tableState.make()
      #expect(world.feed(tableEvent) == expected, "\(tableEvent) while \(tableState)")
    }
  }

  /// The daemon reported what cannot be: the program ends, and says what it was doing.
  @Test func anImpossibleEventTraps() async {
    // There are hundreds. Forked from a process that does nothing else, each takes milliseconds.
    await #expect(processExitsWith: .success) {
      for pair in Table.trapping {
        let end = try Forked.end {
          var world = pair.tableState.make()
          world.feed(pair.tableEvent)
        }
        #expect(end.status != 0 && end.words.contains("process 'p': "), "\(pair): \(end)")
      }
      let other = try Forked.end {}
      #expect(other.status == 0 && other.words.isEmpty, "\(other)")
    }
  }
}

/// A copy of a test's process that comes to its end.
private struct Forked {
  private struct Failure: Error {
    let call: String
    let code = errno
  }

  /// Has a copy of this process do something, and waits for its end.
  ///
  /// - Returns: as `waitpid(2)` has it, and what it wrote to standard error.
  static func end(_ body: () -> Void) throws -> (status: Int32, words: String) {
    // Swift hides fork(2): of several threads only this one is in the copy.
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = dlsym(nil, "fork") else { throw Failure(call: "dlsym") }
    let fork = unsafeBitCast(symbol, to: Fork.self)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(call: "pipe") }
    let pid = fork()
    guard pid != 0 else {
      // What another thread has locked stays so in the copy.
      alarm(60)
      dup2(ends[1], STDERR_FILENO)
      close(ends[0])
      body()
      _exit(0)
    }
    close(ends[1])
    defer { close(ends[0]) }
    guard pid > 0 else { throw Failure(call: "fork") }
    var words: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      guard count > 0 else { break }
      words += chunk.prefix(count)
    }
    var status: Int32 = 0
    guard waitpid(pid, &status, 0) == pid else { throw Failure(call: "waitpid") }
    return (status, String(decoding: words, as: UTF8.self))
  }
}
