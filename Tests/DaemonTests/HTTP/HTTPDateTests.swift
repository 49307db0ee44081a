import Testing
import UV

@testable import ExeioDaemon

/// The value of the Date field.
struct HTTPDateTests {
  @Test func itIsThatOfTheClockInWholeSeconds() {
    var now = Duration.seconds(784_111_777)
    let date = HTTPDate(Clock(monotonic: { .zero }, sinceEpoch: { now }, bootTicks: { 0 }))
    #expect(date.now == "Sun, 06 Nov 1994 08:49:37 GMT")
    now += .milliseconds(999)
    #expect(date.now == "Sun, 06 Nov 1994 08:49:37 GMT")
    now += .milliseconds(1)
    #expect(date.now == "Sun, 06 Nov 1994 08:49:38 GMT")
    // The clock may be set back.
    now -= .seconds(1)
    #expect(date.now == "Sun, 06 Nov 1994 08:49:37 GMT")
  }
}
