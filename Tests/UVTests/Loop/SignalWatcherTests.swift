import Glibc
import TestSupport
import Testing
import UV

struct SignalWatcherTests {
  @Test func aSignalToThisProcessIsHeardOnTheLoop() throws {
    try withLoop { loop in
      var heard = 0
      let watcher = try SignalWatcher(on: loop, signal: SIGUSR2) { heard += 1 }
      kill(getpid(), SIGUSR2)
      try runLoop(loop) { heard == 1 }
      watcher.close()
    }
  }

  @Test func aSignalThatCannotBeWatchedIsRefused() throws {
    try withLoop { loop in
      #expect {
        _ = try SignalWatcher(on: loop, signal: SIGKILL) {}
      } throws: {
        ($0 as? UVError)?.code == .invalidArgument
      }
    }
  }
}
