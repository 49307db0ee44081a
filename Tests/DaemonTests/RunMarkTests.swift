import ExeioDaemon
import Glibc
import TestSupport
import Testing
import UV

/// What `EXEIO_RUN` says of the daemon that a run is of.
struct RunMarkTests {
  @Test(arguments: [false, true])
  func aMarkIsReadAsItIsWritten(isHelper: Bool) throws {
    let directory = try TemporaryDirectory()
    let token = try DaemonToken(dataDirectory: directory.path)
    let mark = token.mark(12, isHelper: isHelper)
    #expect(RunMark(mark.text) == mark)
    #expect(mark.daemon.pid == SystemProcess.ownPID)
    #expect(mark.text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && mark.text.utf8.count < 64)
  }

  @Test(arguments: [
    "", "abcdef12.5", "a.1.2", "a.0.2.3", "a.-1.2.3", "a.x.2.3", "a.1.x.3", "a.1.2.", "a.1.2.h",
    "a.1.2.3x", ".1.2.3", "a.1.2.3.4",
  ])
  func whatIsNoMarkOfTodayIsNone(text: String) {
    #expect(RunMark(text) == nil)
  }

  @Test func thePlaceIsThatOfThePathWhateverBecomesOfTheDirectory() throws {
    let parent = try TemporaryDirectory()
    let path = parent.file("data")
    try Files.createDirectories(path, mode: 0o700)
    let place = try DaemonToken(dataDirectory: path).place
    try #require(rename(path, "\(path).old") == 0 && mkdir(path, 0o700) == 0)
    try #require(symlink("data", parent.file("link")) == 0)
    #expect(try DaemonToken(dataDirectory: path).place == place)
    #expect(try DaemonToken(dataDirectory: parent.file("link")).place == place)
    #expect(try DaemonToken(dataDirectory: "\(path).old").place != place)
  }
}
