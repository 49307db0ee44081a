import Foundation
import Glibc
import TestSupport
import Testing

@testable import UV

struct ProcessScannerTests {
  private let memory = EnvironmentMemory()

  /// Makes a scanner of `MARK` for the time of a test.
  private func withScanner(
    _ body: (Loop, OutputScheduler, ProcessScanner) throws -> Void
  ) throws {
    try withScheduler { loop, scheduler in
      try WorkerPool.start(on: loop)
      let scanner = try ProcessScanner(on: loop)
      defer { scanner.close() }
      try body(loop, scheduler, scanner)
    }
  }

  private func scan(
    _ pids: [Int32]?, _ scanner: ProcessScanner, _ loop: Loop
  ) throws -> ProcessScan {
    var result: ProcessScan?
    scanner.scan(pids, for: "MARK", memory) { result = $0 }
    #expect(result == nil)
    try runLoop(loop) { result != nil }
    return try #require(result)
  }

  private func end(_ scenes: [Scene], on loop: Loop) throws {
    for scene in scenes { try ProcessTable.signal(SIGKILL, process: scene.child.pid) }
    try runLoop(loop) { scenes.allSatisfy(\.isOver) }
    for scene in scenes { scene.child.close() }
  }

  @Test func theVariableOfEachProcessIsRead() throws {
    try withScanner { loop, scheduler, scanner in
      let scenes = try ["one", "two"].map {
        try Scene("sleep", ["100"], environment: ["MARK=\($0)"], on: loop, scheduler)
      }
      let gone = try Scene("true", on: loop, scheduler)
      try runLoop(loop) { gone.isOver }
      let pids = scenes.map(\.child.pid)
      for _ in 0..<2 {
        let some = try scan(pids + [gone.child.pid], scanner, loop)
        #expect(some.isListed && some.hidden.isEmpty)
        #expect(Set(some.found.map(\.record.pid)) == Set(pids))
        let all = try scan(nil, scanner, loop)
        #expect(all.isListed)
        for (pid, text) in zip(pids, ["one", "two"]) {
          for scan in [some, all] {
            let found = scan.found.filter { $0.record.pid == pid }
            #expect(found.map(\.variable) == [.value(text)])
          }
        }
        #expect(all.found.contains { $0.record.pid == getpid() })
        #expect(!all.found.contains { $0.record.pid == gone.child.pid })
      }
      memory.keep(only: [])
      gone.child.close()
      try end(scenes, on: loop)
    }
  }

  /// As many as two threads share.
  @Test func eachOfManyProcessesIsReadOnce() throws {
    try withScanner { loop, scheduler, scanner in
      let scenes = try (0..<150).map { number in
        try Scene("sleep", ["100"], environment: ["MARK=\(number)"], on: loop, scheduler)
      }
      let pids = scenes.map(\.child.pid)
      // A busy machine may give a thread no time at all before it is taken for one that hangs.
      var (looks, wholeLooks) = (0, 0)
      while wholeLooks < 3, looks < 100 {
        looks += 1
        let variables = try scan(pids, scanner, loop)
        var result: ProcessScan?
        scanner.readRecords(of: pids) { result = $0 }
        try runLoop(loop) { result != nil }
        let records = try #require(result)
        for scan in [variables, records] {
          #expect((scan.found.map(\.record.pid) + scan.hidden).sorted() == pids.sorted())
        }
        #expect(records.found.allSatisfy { $0.variable == .unknown })
        let texts = variables.found.compactMap(\.variable.text)
        if texts.count == 150, records.hidden.isEmpty { wholeLooks += 1 }
      }
      #expect(wholeLooks == 3)
      try end(scenes, on: loop)
    }
  }

  @Test func nothingIsAskedAndNothingIsFound() throws {
    try withScanner { loop, _, scanner in
      let scan = try scan([], scanner, loop)
      #expect(scan.found.isEmpty && scan.isListed && scan.hidden.isEmpty)
    }
  }

  /// Those that ask for a look while there is one have theirs after it, each for its own variable.
  @Test func looksAreMadeOneAfterTheOther() throws {
    try withScanner { loop, scheduler, scanner in
      let scene = try Scene(
        "sleep", ["100"], environment: ["MARK=a", "OTHER=b"], on: loop, scheduler)
      let pid = scene.child.pid
      var texts: [String] = []
      for variable in ["MARK", "OTHER", "MARK"] {
        scanner.scan([pid], for: variable, EnvironmentMemory()) { scan in
          texts += scan.found.compactMap(\.variable.text)
        }
      }
      try runLoop(loop) { texts.count == 3 }
      #expect(texts == ["a", "b", "a"])
      // Nothing is told after the end.
      scanner.scan(nil, for: "MARK", memory) { _ in texts = [] }
      scanner.close()
      scanner.scan(nil, for: "MARK", memory) { _ in texts = [] }
      try end([scene], on: loop)
      #expect(texts.count == 3)
    }
  }

  /// What does not let itself be read keeps a thread, and a few of that kind keep no others from
  /// being read.
  @Test(
    .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
    arguments: [1, 3, 6])
  func whatCannotBeReadHoldsUpNothing(count: Int) throws {
    let alone = HangingWork()
    defer { withExtendedLifetime(alone) {} }
    let files = try HangingFiles()
    defer { files.end() }
    for number in 0..<count {
      try Data(count: 4096).write(to: URL(fileURLWithPath: "\(files.behind)/\(number)"))
    }
    try withScanner { loop, scheduler, scanner in
      let hung = try (0..<count).map { number in
        try Scene(
          TestPrograms.helper, ["hold-memory", "\(files.path)/\(number)"],
          environment: ["MARK=hung"], on: loop, scheduler)
      }
      let other = try Scene("sleep", ["100"], environment: ["MARK=other"], on: loop, scheduler)
      try runLoop(loop) { hung.allSatisfy { $0.text.hasPrefix("ready") } }
      try files.hang(.write, .sync)
      for scene in hung {
        try ProcessTable.signal(SIGUSR1, process: scene.child.pid)
        try files.waitUntilHeld(.write)
      }
      // What is listed last is read first.
      let pids = hung.map(\.child.pid)
      for _ in 0..<2 {
        // A busy machine may give a thread no time at all before it is taken for one that hangs.
        var looks = 0
        var isRead = false
        while !isRead, looks < 100 {
          looks += 1
          let scan = try scan([other.child.pid] + pids, scanner, loop)
          let unknown = scan.found.filter { $0.variable == .unknown }.map(\.record.pid)
          #expect(Set(unknown + scan.hidden).isSuperset(of: pids))
          let found = scan.found.filter { $0.record.pid == other.child.pid }
          #expect(found.allSatisfy { [.value("other"), .unknown].contains($0.variable) })
          // Four threads hang at the most; the records of what they hang at can be read.
          isRead =
            count >= 4 || Set(unknown) == Set(pids) && found.map(\.variable) == [.value("other")]
        }
        #expect(isRead)
      }
      for pid in pids {
        #expect(!ProcessTable.hasEnded(child: pid) && ProcessTable.isRunning(pid))
        #expect(ProcessTable.parent(of: pid) == getpid())
        #expect(ProcessTable.name(of: pid) == "holds-memory")
        #expect(ProcessTable.residentBytes(of: pid) ?? 0 > 0)
      }
      try files.goOn()
      try runLoop(loop) { hung.allSatisfy { $0.text.hasSuffix("mapped\n") } }
      var marks: Set<VariableReading> = [.unknown]
      let end = Clock.monotonicTime + .seconds(30)
      // The threads that were kept come back one after the other.
      while marks != [.value("hung")], Clock.monotonicTime < end {
        let scan = try scan(pids, scanner, loop)
        marks = Set(scan.found.map(\.variable) + scan.hidden.map { _ in .unknown })
      }
      #expect(marks == [.value("hung")])
      try self.end(hung + [other], on: loop)
    }
  }

  /// While one that hangs in an `execve` holds a thread, those that do the same hold none: more of
  /// them than there are threads for it keep no others from being read.
  @Test(
    .enabled(if: HangingFiles.isPossible, "a file system of fuse(4) cannot be mounted here"),
    arguments: [1, 8])
  func whatHangsInAnExecveHoldsAFewThreads(count: Int) throws {
    let alone = HangingWork()
    defer { withExtendedLifetime(alone) {} }
    let files = try HangingFiles()
    defer { files.end() }
    try Data().write(to: URL(fileURLWithPath: "\(files.behind)/file"))
    try withScanner { loop, scheduler, scanner in
      let others = try (0..<3).map { _ in try Scene("sleep", ["100"], on: loop, scheduler) }
      try files.hang(.close)
      // The kernel closes a file for it that is not to stay open, with the lock held that readers
      // wait for.
      let program = #"open(my $file, "<", $ARGV[0]) or die; exec "sleep", "100""#
      let hung = try (0..<count).map { _ in
        try Scene("perl", ["-e", program, "\(files.path)/file"], on: loop, scheduler)
      }
      for _ in hung { try files.waitUntilHeld(.close) }
      let (pids, hungPids) = (others.map(\.child.pid), hung.map(\.child.pid))
      for _ in 0..<2 {
        // A busy machine may give a thread no time at all before it is taken for one that hangs.
        var looks = 0
        var isRead = false
        while !isRead, looks < 100 {
          looks += 1
          var result: ProcessScan?
          scanner.readRecords(of: hungPids + pids) { result = $0 }
          try runLoop(loop) { result != nil }
          let scan = try #require(result)
          #expect(Set(scan.hidden).isSuperset(of: hungPids))
          isRead = Set(scan.found.map(\.record.pid)) == Set(pids)
        }
        #expect(isRead)
      }
      try files.goOn()
      try end(hung + others, on: loop)
    }
  }

  @Test func whatHasEndedIsToldFromWhatHasNot() throws {
    var pid: pid_t = 0
    let arguments = [strdup("true"), nil]
    defer { free(arguments[0]) }
    try #require(posix_spawn(&pid, "/bin/true", nil, nil, arguments, nil) == 0)
    var info = siginfo_t()
    try #require(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
    #expect(ProcessTable.hasEnded(child: pid))
    #expect(!ProcessTable.isRunning(pid))
    #expect(waitpid(pid, nil, 0) == pid)
    #expect(ProcessTable.hasEnded(child: pid) && !ProcessTable.isRunning(pid))
    #expect(ProcessTable.parent(of: pid) == nil && ProcessTable.name(of: pid) == nil)
    #expect(ProcessTable.residentBytes(of: pid) == nil)
    #expect(ProcessTable.isRunning(getpid()))
    #expect(ProcessTable.parent(of: getpid()) == getppid())
  }
}
