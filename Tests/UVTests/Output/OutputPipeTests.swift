import Basics
import Glibc
import TestSupport
import Testing
import UV

struct OutputPipeTests {
  @Test func everyByteOfAFloodArrivesInOrder() throws {
    try withScheduler { loop, scheduler in
      var exited = false
      let child = try startedChild(
        SpawnOptions(
          command: "seq", arguments: ["1", "300000"],
          environment: ["PATH=\(TestPrograms.searchPath)"]),
        on: loop, reader: scheduler, onExit: { _ in exited = true })
      var (bytes, lines, ended) = (0, 0, 0)
      var hash: UInt64 = 0
      child.output.start { span in
        span.withUnsafeBytes { piece in
          bytes += piece.count
          for byte in piece {
            hash = hash &* 31 &+ UInt64(byte)
            if byte == 10 { lines += 1 }
          }
        }
      } onEnd: { error in
        #expect(error == nil)
        ended += 1
      }
      try runLoop(loop) { ended == 1 && exited }
      var expected: UInt64 = 0
      var size = 0
      for number in 1...300_000 {
        for byte in String(number).utf8 {
          expected = expected &* 31 &+ UInt64(byte)
          size += 1
        }
        expected = expected &* 31 &+ 10
        size += 1
      }
      #expect(lines == 300_000 && bytes == size && hash == expected)
      child.close()
    }
  }

  @Test func linesThatComeSlowlyAllArrive() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: "for i in 1 2 3 4 5 6; do echo $i; sleep 0.03; done", on: loop, scheduler)
      try runLoop(loop) { scene.isOver }
      #expect(scene.text == "1\n2\n3\n4\n5\n6\n")
      scene.child.close()
    }
  }

  @Test func aSilentPipeCostsNoWakeUp() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "echo hello; read x; echo $x", on: loop, scheduler)
      try runLoop(loop) { scene.text == "hello\n" }
      // Some ticks follow the line, which a busy machine may spread; then there are none.
      var turns = Int.max
      for _ in 0..<50 where turns > 3 { turns = try turn(loop, for: .milliseconds(200)) }
      #expect(turns <= 3)
      scene.child.input.write(Array("again\n".utf8)) { #expect($0 == nil) }
      try runLoop(loop) { scene.isOver }
      #expect(scene.text == "hello\nagain\n")
      scene.child.close()
    }
  }

  @Test func aPausedPipeHoldsTheWriterBackAndDoesNotSpin() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "head -c 5000000 /dev/zero; echo done >&2", on: loop, scheduler)
      scene.child.output.pause()
      let turns = try turn(loop, for: .milliseconds(100))
      #expect(turns <= 5)
      #expect(scene.output.isEmpty && scene.errorOutput.isEmpty)
      scene.child.output.resume()
      try runLoop(loop) { scene.isOver }
      #expect(scene.output.count == 5_000_000)
      scene.child.close()
    }
  }

  @Test func aPipeThatIsReadAtTicksIsNotReadWhilePaused() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: "echo one; read x; echo two; echo seen >&2; read x", on: loop, scheduler)
      try runLoop(loop) { scene.text == "one\n" }
      // Something was read a moment ago: the ticks go on.
      scene.child.output.pause()
      scene.child.input.write(Array("\n".utf8)) { #expect($0 == nil) }
      try runLoop(loop) { !scene.errorOutput.isEmpty }
      _ = try turn(loop, for: .milliseconds(60))
      #expect(scene.text == "one\n")
      scene.child.output.resume()
      try runLoop(loop) { scene.text == "one\ntwo\n" }
      scene.child.input.write(Array("\n".utf8)) { #expect($0 == nil) }
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func aPipeWhoseWriterIsGoneDoesNotSpinWhilePaused() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "echo last", on: loop, scheduler)
      scene.child.output.pause()
      try runLoop(loop) { !scene.exits.isEmpty }
      let turns = try turn(loop, for: .milliseconds(100))
      #expect(turns <= 10)
      #expect(scene.output.isEmpty)
      scene.child.output.resume()
      try runLoop(loop) { scene.isOver }
      #expect(scene.text == "last\n")
      scene.child.close()
    }
  }

  @Test func aPipeMayBePausedWhileItHandsBytesOn() throws {
    try withScheduler { loop, scheduler in
      var exited = false
      let child = try startedChild(
        SpawnOptions(
          command: "head", arguments: ["-c", "9000000", "/dev/zero"],
          environment: ["PATH=\(TestPrograms.searchPath)"]),
        on: loop, reader: scheduler, onExit: { _ in exited = true })
      var (bytes, pauses, ended) = (0, 0, false)
      let timer = try Timer(on: loop)
      child.output.start { span in
        bytes += span.byteCount
        pauses += 1
        child.output.pause()
        timer.start(after: .zero) { child.output.resume() }
      } onEnd: { _ in
        ended = true
      }
      try runLoop(loop) { ended && exited }
      #expect(bytes == 9_000_000)
      #expect(pauses > 1)
      timer.close()
      child.close()
    }
  }

  @Test func whatAGrandchildHoldsOpenIsDrainedAndEnded() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "echo early; sleep 100 & echo late", on: loop, scheduler)
      scene.child.output.pause()
      try runLoop(loop) { !scene.exits.isEmpty }
      #expect(scene.ends.isEmpty)
      scene.child.output.drainAndClose()
      #expect(scene.text == "early\nlate\n")
      #expect(scene.ends == ["out ended"])
      scene.child.output.drainAndClose()
      scene.child.errorOutput.drainAndClose()
      #expect(scene.ends == ["out ended", "err ended"])
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      scene.child.close()
    }
  }

  @Test func drainingAPipeThatIsAlwaysFullComesToAnEnd() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("yes", on: loop, scheduler)
      try runLoop(loop) { scene.output.count > 3_000_000 }
      scene.child.output.drainAndClose()
      #expect(scene.ends == ["out ended"])
      try runLoop(loop) { scene.isOver }
      #expect(scene.exits == [.signal(Signal(number: SIGPIPE))] || scene.exits == [.code(1)])
      scene.child.close()
    }
  }

  @Test func aPipeDrainedWhileAnotherHandsBytesOnLeavesThoseAlone() throws {
    try withScheduler { loop, scheduler in
      let full = try Scene(
        shell: "head -c 30000 /dev/zero; echo >&2; sleep 100", on: loop, scheduler)
      full.child.output.pause()
      try runLoop(loop) { full.errorOutput.count == 1 }
      var exited = false
      let child = try startedChild(
        SpawnOptions(
          command: "echo", arguments: ["abc"], environment: ["PATH=\(TestPrograms.searchPath)"]),
        on: loop, reader: scheduler, onExit: { _ in exited = true })
      var seen = ""
      var ended = false
      child.output.start { span in
        full.child.output.drainAndClose()
        span.withUnsafeBytes { seen += String(decoding: $0, as: UTF8.self) }
      } onEnd: { _ in
        ended = true
      }
      try runLoop(loop) { ended && exited }
      #expect(seen == "abc\n")
      #expect(full.output.count == 30000)
      try ProcessGroups.signal(SIGKILL, group: full.child.pid)
      try runLoop(loop) { full.isOver }
      full.child.close()
      child.close()
    }
  }

  @Test func aPipeThatIsClosedWhileItHandsBytesOnTellsNoEnd() throws {
    try withScheduler { loop, scheduler in
      let child = try startedChild(
        SpawnOptions(command: "yes", environment: ["PATH=\(TestPrograms.searchPath)"]),
        on: loop, reader: scheduler, onExit: { exit in #expect(exit != .code(0)) })
      var calls = 0
      child.output.start { _ in
        calls += 1
        if calls == 3 { child.output.close() }
      } onEnd: { _ in
        Issue.record("a closed pipe told its end")
      }
      try runLoop(loop) { !ProcessGroups.exists(child.pid) }
      #expect(calls == 3)
      child.close()
    }
  }
}
