import Testing

@testable import Logs

/// What is known of rotated files, by value.
@Suite struct RotatedSegmentsTests {
  private let files = (1...3).map { FileIdentity(device: 1, inode: $0) }

  private func survey(_ files: [(Int, FileIdentity, Int)], listed: [Int]?) -> RotatedFiles.Survey {
    RotatedFiles.Survey(
      listed: listed,
      files: files.map { RotatedFiles.Found(number: $0.0, identity: $0.1, size: $0.2) })
  }

  @Test func whatIsKnownOfAFileStaysKnownUnderAnotherName() {
    var rotated = RotatedSegments()
    rotated.apply(survey([(1, files[0], 6)], listed: [1]))
    let first = rotated.segments[0]
    first.complete(with: index(of: "one\ntw"))
    rotated.apply(survey([(1, files[1], 3), (2, files[0], 6)], listed: [1, 2]))
    #expect(rotated.segments.map(\.number) == [1, 2])
    #expect(rotated.segments[1] === first && first.unscanned == 0 && first.index.lines == 2)
    #expect(rotated.listed == [1, 2])
  }

  @Test func aFileOfAnotherSizeIsIndexedAgain() {
    let file = files[0]
    var rotated = RotatedSegments()
    rotated.apply(survey([(1, file, 6)], listed: nil))
    let segment = rotated.segments[0]
    segment.complete(with: index(of: "one\ntw"))
    rotated.apply(survey([(1, file, 2)], listed: nil))
    #expect(segment.unscanned == 2 && segment.generation == 1 && rotated.listed == nil)
  }

  @Test func filesThatWereRemovedHaveNothingToBeRead() {
    let file = files[0]
    var rotated = RotatedSegments()
    rotated.apply(survey([(1, file, 6)], listed: [1]))
    let segment = rotated.segments[0]
    rotated.forgetAll()
    #expect(rotated.segments.isEmpty && rotated.listed == nil)
    #expect(segment.size == 0 && segment.generation == 1)
  }

  @Test func theNewestStandsFirstAndAFormerLiveOneLast() {
    let segments = files.map { Segment($0, unscanned: 0) }
    var rotated = RotatedSegments()
    rotated.add(newest: segments[0])
    rotated.add(newest: segments[1])
    rotated.add(formerLive: segments[2])
    #expect(rotated.segments.map(\.identity) == [files[1], files[0], files[2]])
  }

  @Test func aRotationThatFailedIsTriedAgainAfterAsMuchMore() {
    var rule = RotationRule()
    #expect(rule.size(LogLimits(maxBytes: 0, maxFiles: 5)) == nil)
    let limits = LogLimits(maxBytes: 100, maxFiles: 5)
    #expect(rule.size(limits) == 100)
    rule.refuse(at: 130)
    #expect(rule.size(limits) == 230)
    rule.refuse(at: 0)
    #expect(rule.size(limits) == 100)
    rule.forgetRefusal()
    #expect(rule.refusedAt == nil && rule.size(limits) == 100)
  }

  private func index(of text: String) -> LineIndex {
    var index = LineIndex()
    Array(text.utf8).withUnsafeBytes { index.append($0.baseAddress!, $0.count) }
    return index
  }
}
