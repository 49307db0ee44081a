import Testing

@testable import Logs

/// What is known of lost lines, by value.
@Suite struct LossTallyTests {
  @Test func theFirstLossIsToldAndLaterOnesAreAdded() {
    var losses = LossTally()
    let areFirst = losses.add(1, because: "disk full")
    #expect(areFirst && losses.notice == "1 line was lost: disk full")
    let areFirstToo = losses.add(2, because: nil)
    #expect(!areFirstToo && losses.notice == "3 lines were lost: disk full")
    losses.note("quota")
    #expect(losses.notice == "3 lines were lost: quota")
  }

  @Test func moreMayBeLostWhileTheNoticeIsWritten() {
    var losses = LossTally()
    _ = losses.add(2, because: "a")
    _ = losses.add(3, because: "b")
    let isAll = losses.wereNoted(2)
    #expect(!isAll && losses.lines == 3)
    let isAllNow = losses.wereNoted(3)
    #expect(isAllNow)
    let isFirst = losses.add(1, because: "c")
    #expect(isFirst, "the next loss is a first one")
  }

  @Test func anEndIsToldOnlyIfSomethingWasMissing() {
    var losses = LossTally()
    let ends = [losses.end(), losses.add(1, because: "a"), losses.end(), losses.end()]
    #expect(ends == [false, true, true, false])
  }

  @Test func linesThatAreNotTakenAreNotedTogether() {
    var losses = LossTally()
    let areFirst = [losses.refuse(), losses.refuse()]
    #expect(areFirst == [true, false])
    #expect(losses.lines == 0, "they are behind what waits")
    losses.addRefused()
    #expect(losses.notice == "2 lines were lost: too much waits to be written")
    let isFirst = losses.refuse()
    #expect(isFirst)
  }

  @Test func allThatWasLostIsCountedWhetherItIsNotedOrNot() {
    var losses = LossTally()
    losses.count(2)
    _ = losses.add(2, because: "a")
    _ = losses.wereNoted(2)
    losses.count(3)
    #expect(losses.total == 5 && losses.lines == 0)
  }
}
