import Glibc
import Synchronization
import TestSupport
import Testing
import UV

struct PoolWorkTests {
  @Test func theClosureRunsOnAnotherThreadAndItsValueComesBackOnTheLoop() throws {
    let here = pthread_self()
    var told: (value: Int, wasElsewhere: Bool)?
    try withLoop { loop in
      PoolWork.run(on: loop, .start(place: "test")) {
        (7, pthread_equal(pthread_self(), here) == 0)
      } then: { value, wasElsewhere in
        #expect(pthread_equal(pthread_self(), here) != 0)
        told = (value, wasElsewhere)
      }
      #expect(told == nil)
    }
    #expect(told?.value == 7)
    #expect(told?.wasElsewhere == true)
  }

  /// The loop does not wait for what hangs: it is told of by nothing.
  @Test func workThatIsGivenUpTellsNothing() throws {
    var pipe: [Int32] = [-1, -1]
    try #require(Glibc.pipe(&pipe) == 0)
    defer { for end in pipe { Glibc.close(end) } }
    let (reading, writing) = (pipe[0], pipe[1])
    try withLoop { loop in
      let work = PoolWork.run(on: loop, .start(place: "test")) {
        var byte: UInt8 = 0
        return read(reading, &byte, 1)
      } then: { _ in
        Issue.record("it was given up")
      }
      work.cancel()
      work.cancel()
      var byte: UInt8 = 1
      #expect(write(writing, &byte, 1) == 1)
    }
  }
}
