import Testing
import UV

@testable import Logs

/// A queue that lines are put into.
private final class Lines {
  let buffers = BufferPool()
  var queue = WriteQueue()

  /// Puts lines into the queue, so many bytes with their newlines and no prefix.
  ///
  /// - Returns: whether their source is to stop.
  @discardableResult
  func put(_ count: Int, length: Int = 1000) -> Bool {
    var cursor = queue.lineCursor
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: length - 1)
    line.withUnsafeBytes { bytes in
      for _ in 0..<(count / length) {
        if cursor.room < LineCursor.room(for: bytes.count) {
          queue.nextBuffer(&cursor, for: bytes.count, ahead: bytes.count, from: buffers)
        }
        cursor.put(LinePrefix(), bytes.baseAddress!, bytes.count)
      }
    }
    return queue.take(back: cursor)
  }

  /// Begins what is next: gives it in a word, and the batch if it is one.
  func next(at now: Duration = WriteQueueTests.start) -> (word: String, batch: ByteBuffer?) {
    switch queue.next(at: now) {
    case .nothing: ("nothing", nil)
    case .delay: ("delay", nil)
    case .work(.step): ("step", nil)
    case .work(.batch(let batch)): ("batch", batch)
    }
  }

  /// Writes the batch that is next, and gives its size; nil if none is.
  func write(at now: Duration = WriteQueueTests.start) -> Int? {
    guard let batch = next(at: now).batch else { return nil }
    queue.endBatch(batch, at: now)
    return batch.count
  }

  func endDelay() -> Bool { queue.endDelay() }
}

/// What is written next, by value: no file, no loop.
@Suite struct WriteQueueTests {
  static let start = Duration.seconds(100)

  @Test func anEmptyQueueHasNothingToDo() {
    let lines = Lines()
    #expect(lines.next().word == "nothing")
    #expect(!lines.queue.isBusy && lines.queue.lineCursor.position == nil)
  }

  @Test func oneThingAtATimeIsUnderWay() throws {
    let lines = Lines()
    lines.put(2000)
    let batch = try #require(lines.next().batch)
    #expect(batch.count == 2000 && lines.queue.isBusy && lines.queue.begunAt == Self.start)
    lines.queue.append { _ in }
    #expect(lines.next().word == "nothing")
    lines.queue.endBatch(batch, at: Self.start)
    #expect(lines.next().word == "step" && lines.queue.isBusy)
    lines.queue.endStep()
    #expect(!lines.queue.isBusy && lines.next().word == "nothing")
  }

  @Test func linesThatComeDuringAWriteGatherInAnotherBuffer() throws {
    let lines = Lines()
    lines.put(1000)
    let batch = try #require(lines.next().batch)
    lines.put(3000)
    #expect(batch.count == 1000)
    lines.queue.endBatch(batch, at: Self.start)
    lines.queue.append { _ in }
    #expect(lines.write() == 3000)
  }

  @Test func aStepDividesTheLinesBeforeAndBehindIt() {
    let lines = Lines()
    lines.put(1000)
    lines.queue.append { _ in }
    lines.put(2000)
    #expect(lines.write() == 1000)
    #expect(lines.next().word == "step")
    lines.queue.endStep()
    #expect(lines.write(at: Self.start + .seconds(1)) == 2000)
  }

  @Test func aSmallBatchOfABusyLogWaitsOnce() {
    let lines = Lines()
    lines.put(1000)
    #expect(lines.write() == 1000)
    lines.put(1000)
    let soon = Self.start + .milliseconds(49)
    #expect(lines.next(at: soon).word == "delay")
    lines.put(1000)
    #expect(lines.next(at: soon).word == "nothing")
    #expect(lines.endDelay())
    #expect(!lines.endDelay())
    #expect(lines.write(at: soon) == 2000)
  }

  @Test func aBatchThatIsLargeOrStandsBeforeAStepDoesNotWait() {
    let lines = Lines()
    lines.put(1000)
    #expect(lines.write() == 1000)
    lines.put(1000)
    #expect(lines.next().word == "delay")
    lines.queue.append { _ in }
    #expect(lines.write() == 1000)
    #expect(!lines.endDelay(), "what waited has been begun")
    #expect(lines.next().word == "step")
    lines.queue.endStep()
    lines.put(33_000)
    // A small buffer was filled before, and more stands behind it.
    #expect(lines.write() == 16_000)
    lines.queue.append { _ in }
    #expect(lines.write() == 17_000)
  }

  @Test func aLogThatHasPausedWritesAtOnce() {
    let lines = Lines()
    lines.put(1000)
    #expect(lines.write() == 1000)
    lines.put(1000)
    #expect(lines.write(at: Self.start + .milliseconds(50)) == 1000)
  }

  @Test func whatIsPutFirstGoesAheadAndLinesGoOnBehind() {
    let lines = Lines()
    lines.put(1000)
    let line = lines.buffers.take(for: 3)
    [1, 2, 3].withUnsafeBytes { line.append($0) }
    lines.queue.putFirst(line)
    lines.put(1000)
    #expect(lines.write() == line.count)
    #expect(lines.write(at: Self.start + .seconds(1)) == 2000)
  }

  @Test func buffersGrowWithWhatComes() {
    let lines = Lines()
    var cursor = LineCursor()
    let rooms = [10, 10, 10].map { length in
      lines.queue.nextBuffer(&cursor, for: length, ahead: length, from: lines.buffers)
      return cursor.room
    }
    #expect(rooms == [BufferPool.small, BufferPool.large, BufferPool.flood])
    cursor = LineCursor()
    lines.queue.nextBuffer(&cursor, for: 10, ahead: 200_000, from: lines.buffers)
    #expect(cursor.room == BufferPool.flood, "prefixes are counted at a guess")
  }

  @Test func pressureRisesOnceAndFallsOnce() {
    let lines = Lines()
    #expect(!lines.put(1_048_000))
    #expect(lines.put(1000), "more than 1 MiB")
    #expect(lines.queue.isUnderPressure && !lines.put(1000))
    #expect(!lines.queue.isFull)
    lines.put(1_048_000)
    #expect(lines.queue.isFull, "2 MiB")
    var told = 0
    // With a step behind it, no batch waits for more lines.
    lines.queue.append { _ in }
    while lines.write() != nil { if lines.queue.isRelieved() { told += 1 } }
    #expect(told == 1 && !lines.queue.isUnderPressure && !lines.queue.isFull)
  }

  @Test func whatIsBeingWrittenIsNoPressure() {
    var pressure = WritePressure()
    pressure.add(3 << 20)
    pressure.begin(2 << 20)
    var rises = pressure.rises()
    #expect(!rises && !pressure.isFull)
    pressure.add(1)
    rises = pressure.rises()
    #expect(rises)
    rises = pressure.rises()
    #expect(!rises, "it is told once")
    pressure.end(2 << 20)
    var falls = pressure.falls()
    #expect(!falls, "as much as before waits")
    pressure.begin(1 << 20)
    falls = pressure.falls()
    #expect(falls)
    falls = pressure.falls()
    #expect(!falls, "it is told once")
  }
}
