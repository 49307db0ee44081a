import Glibc
import TestSupport
import Testing
import UV

struct JournalWriterTests {
  /// Both ends of a connection; the first one is written to.
  private func makePair() throws -> (Int32, Int32) {
    var pair: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
    return (pair[0], pair[1])
  }

  /// Everything that waits to be read.
  private func drain(_ descriptor: Int32) -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count > 0 {
      all += buffer[..<count]
    }
    return String(decoding: all, as: UTF8.self)
  }

  @Test func aLineHasItsPriorityInFront() throws {
    let (writing, reading) = try makePair()
    defer { for end in [writing, reading] { close(end) } }
    let journal = JournalWriter(descriptor: writing)
    journal.write(Array("it broke".utf8), priority: 3)
    journal.write([], priority: 7)
    #expect(drain(reading) == "<3>it broke\n<7>\n")
  }

  @Test func whatDoesNotFitIsDroppedCountedAndNeverWaitedFor() throws {
    let (writing, reading) = try makePair()
    defer { for end in [writing, reading] { close(end) } }
    // The socket itself blocks, as the journal's does: it is the writer that must not.
    #expect(fcntl(writing, F_GETFL) & O_NONBLOCK == 0)
    let journal = JournalWriter(descriptor: writing)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
    for _ in 0..<500 { journal.write(line, priority: 6) }
    let first = drain(reading)
    journal.write(Array("later".utf8), priority: 6)
    let second = drain(reading)
    let whole = "<6>" + String(repeating: "x", count: 5000)
    // A line of which only a part fit is ended before the next, so that this one has its priority.
    let lines = (first + second).split(separator: "\n").map(String.init)
    let arrived = lines.filter { $0 == whole }.count
    #expect(arrived > 0 && arrived < 500)
    let report = "<4>\(500 - arrived) lines were dropped here: the journal did not take them"
    #expect(Array(lines.suffix(2)) == [report, "<6>later"])
    #expect(lines.dropLast(2).dropFirst(arrived).allSatisfy { whole.hasPrefix($0) })
    #expect(lines.count - arrived <= 3)
  }

  @Test func aJournalThatIsGoneHurtsNobody() throws {
    let (writing, reading) = try makePair()
    close(reading)
    let journal = JournalWriter(descriptor: writing)
    for _ in 0..<3 { journal.write([65], priority: 6) }
    close(writing)
    journal.write([65], priority: 6)
  }

  @Test(arguments: [nil, "", ":", "1", "1:", "1:2:3", "a:b", "-1:2", "18446744073709551616:1"])
  func aVariableThatNamesNothingIsNoJournal(variable: String?) {
    #expect(JournalWriter(standardErrorIf: variable) == nil)
  }

  @Test func standardErrorIsTheJournalOnlyIfItIsThatVerySocket() async {
    await #expect(processExitsWith: .success) {
      func name(_ descriptor: Int32) -> String {
        var status = stat()
        fstat(descriptor, &status)
        return "\(status.st_dev):\(status.st_ino)"
      }
      var pair: [Int32] = [-1, -1]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
      // A file, though it is the one that the variable names, takes no send(2).
      let file = open("/dev/null", O_WRONLY)
      dup2(file, 2)
      #expect(JournalWriter(standardErrorIf: name(2)) == nil)
      dup2(pair[0], 2)
      #expect(JournalWriter(standardErrorIf: name(pair[1])) == nil)
      #expect(JournalWriter(standardErrorIf: name(2)) != nil)
    }
  }
}
