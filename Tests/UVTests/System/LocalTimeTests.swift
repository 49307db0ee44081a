import Basics
import Foundation
import TestSupport
import Testing
import UV

/// The changes of the local time.
struct LocalTimeTests {
  private func transitions(
    of changes: [(at: Int64, offset: Int32)], in range: ClosedRange<Int64>
  ) throws -> [OffsetTransition] {
    try LocalTime.transitions(in: range) { instant in
      (changes.last { $0.at <= instant } ?? changes[0]).offset
    }
  }

  @Test func eachChangeIsFoundToTheSecond() throws {
    let changes: [(at: Int64, offset: Int32)] = [
      (0, 3600), (1_000_000, 7200), (1_000_000 + 86_401, 3600), (3_456_789, -37_800),
      (9_999_999, 0),
    ]
    let found = try transitions(of: changes, in: 5...9_999_999)
    #expect(
      found
        == [.init(at: 5, offset: 3600)]
        + changes.dropFirst().map { .init(at: $0.at, offset: $0.offset) })
  }

  @Test func twoChangesWithinADayAreBothFound() throws {
    let changes: [(at: Int64, offset: Int32)] = [(0, 0), (100, 3600), (50_000, 7200)]
    let found = try transitions(of: changes, in: 0...1_000_000)
    #expect(found == changes.map { .init(at: $0.at, offset: $0.offset) })
  }

  @Test func whatIsOutsideIsNotLookedAt() throws {
    let changes: [(at: Int64, offset: Int32)] = [(0, 0), (100, 3600), (1000, 7200)]
    #expect(try transitions(of: changes, in: 100...999) == [.init(at: 100, offset: 3600)])
    #expect(try transitions(of: changes, in: 7...7) == [.init(at: 7, offset: 0)])
  }

  /// Against `date(1)`, in whatever zone the tests run.
  @Test func theMachineIsRead() throws {
    let now = Int64(Date().timeIntervalSince1970)
    let found = try LocalTime.transitions(in: now - 86_400...now + 3653 * 86_400)
    #expect(found[0].at == now - 86_400)
    for transition in found {
      let process = Foundation.Process()
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/date")
      process.arguments = ["-d", "@\(transition.at)", "+%z"]
      process.standardOutput = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        .trimmingCharacters(in: .newlines)
      process.waitUntilExit()
      let sign: Int32 = text.hasPrefix("-") ? -1 : 1
      let digits = try #require(Int32(text.dropFirst()))
      #expect(transition.offset / 60 == sign * (digits / 100 * 60 + digits % 100))
    }
  }
}
