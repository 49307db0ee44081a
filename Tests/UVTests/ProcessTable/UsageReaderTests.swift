import Glibc
import TestSupport
import Testing
import UV

struct UsageReaderTests {
  private func read(
    _ subjects: [UsageReader.Subject], _ loop: Loop, hasDetails: Bool = false
  ) throws -> [ResourceUsage?] {
    let scanner = try ProcessScanner(on: loop)
    defer { scanner.close() }
    let limit = Clock.monotonicTime + .seconds(60)
    while true {
      let reading = UsageReader.Reading(subjects, hasDetails: hasDetails)
      var result: ProcessScan?
      scanner.readRecords(of: reading.processes, hasDetails: hasDetails) { result = $0 }
      try runLoop(loop) { result != nil }
      let scan = try #require(result)
      if scan.hidden.isEmpty { return reading.completed(with: scan) }
      // A busy machine has given the thread no time before it was taken for one that hangs.
      try #require(Clock.monotonicTime < limit)
    }
  }

  /// Asks until what is read is as wanted: the kernel counts in its own time.
  private func read(
    _ loop: Loop, _ subject: UsageReader.Subject, until wanted: (ResourceUsage) -> Bool
  ) throws -> ResourceUsage {
    let limit = Clock.monotonicTime + .seconds(60)
    while true {
      if let usage = try read([subject], loop)[0], wanted(usage) { return usage }
      try #require(Clock.monotonicTime < limit)
    }
  }

  /// Sixty-four MiB, every page written, and then word of it.
  private static let eater = """
    exec perl -e '$x = "x" x (64 << 20); $| = 1; print "ready"; sleep 1000'
    """

  @Test func theMemoryOfAChildIsWhatItTook() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: Self.eater, on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready" }
      let subject = UsageReader.Subject(leader: scene.child.pid)
      let usage = try #require(read([subject], loop)[0])
      let bytes = try #require(usage.memoryBytes)
      // What perl itself takes is far less than what was asked for.
      #expect(bytes >= 64 << 20 && bytes < 192 << 20, "\(bytes)")
      #expect(usage.oomKills == nil)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      #expect(try read([subject], loop) == [nil])
      scene.child.close()
    }
  }

  @Test func allOfTheSessionCounts() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: "(\(Self.eater)) & (\(Self.eater)) & wait", on: loop, scheduler)
      try runLoop(loop) { scene.text == "readyready" }
      let usage = try #require(
        read([UsageReader.Subject(leader: scene.child.pid)], loop)[0])
      #expect(try #require(usage.memoryBytes) >= 128 << 20)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func timeIsCountedWhileItIsSpentAndToldAtTheEnd() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "while :; do :; done", on: loop, scheduler)
      let start = Clock.monotonicTime
      let subject = UsageReader.Subject(leader: scene.child.pid)
      let usage = try read(loop, subject) { $0.cpuTime >= .milliseconds(100) }
      // One thread cannot use more than there was; the clock of the reading has ticks of 10 ms.
      #expect(usage.cpuTime <= Clock.monotonicTime - start + .seconds(1))
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      #expect(scene.child.cpuTime == nil)
      try runLoop(loop) { scene.isOver }
      let all = try #require(scene.child.cpuTime)
      #expect(all >= usage.cpuTime - .milliseconds(20))
      scene.child.close()
    }
  }

  @Test func theTimeOfChildrenThatHaveEndedIsKept() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: """
          perl -e '1 while times < 0.2'
          echo done
          exec sleep 1000
          """, on: loop, scheduler)
      try runLoop(loop) { scene.text == "done\n" }
      let usage = try #require(
        read([UsageReader.Subject(leader: scene.child.pid)], loop)[0])
      #expect(usage.cpuTime >= .milliseconds(180))
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      #expect(try #require(scene.child.cpuTime) >= .milliseconds(180))
      scene.child.close()
    }
  }

  @Test func eachRunHasItsOwn() throws {
    try withScheduler { loop, scheduler in
      let eater = try Scene(shell: Self.eater, on: loop, scheduler)
      let sleeper = try Scene("sleep", ["1000"], on: loop, scheduler)
      try runLoop(loop) { eater.text == "ready" }
      let subjects = [Int32.max, sleeper.child.pid, eater.child.pid].map {
        UsageReader.Subject(leader: $0)
      }
      let usages = try read(subjects, loop)
      #expect(usages.count == 3)
      #expect(usages[0] == nil)
      #expect(try #require(usages[1]?.memoryBytes) < 32 << 20)
      #expect(try #require(usages[2]?.memoryBytes) >= 64 << 20)
      for scene in [eater, sleeper] {
        try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
        try runLoop(loop) { scene.isOver }
        scene.child.close()
      }
    }
  }

  @Test func aCgroupIsBelievedBeforeTheSession() throws {
    let directory = try TemporaryDirectory()
    try directory.write("usage_usec 1234567\nuser_usec 1\nsystem_usec 2\n", to: "cpu.stat")
    try directory.write("10000000\n", to: "memory.current")
    try directory.write(
      "anon 1\nfile 2\ninactive_anon 3\ninactive_file 4000000\nactive_file 5\n", to: "memory.stat")
    try directory.write("low 0\noom 9\noom_kill 3\noom_group_kill 8\n", to: "memory.events")
    let subject = UsageReader.Subject(leader: SystemProcess.ownPID, cgroup: directory.path)
    let expected = ResourceUsage(
      memoryBytes: 6_000_000, cpuTime: .microseconds(1_234_567), oomKills: 3)
    // No process needs to be read.
    let reading = UsageReader.Reading([subject])
    #expect(reading.processes.isEmpty)
    #expect(reading.completed(with: ProcessScan()) == [expected])
    #expect(UsageReader.readCgroup(directory.path) == expected)
  }

  @Test func whatARunHasOpenAndHadOfTheDisksIsToldIfItIsAskedFor() throws {
    try withScheduler { loop, scheduler in
      let program = """
        open(my $a, "<", "/dev/null"); open(my $b, "<", "/dev/null");
        $| = 1; print "ready"; sleep 1000
        """
      let scene = try Scene(
        shell: "perl -e '\(program)' & wait", on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready" }
      let subject = UsageReader.Subject(leader: scene.child.pid)
      let plain = try #require(read([subject], loop)[0])
      #expect(plain.tasks == nil && plain.openDescriptors == nil && plain.diskReadBytes == nil)
      let usage = try #require(read([subject], loop, hasDetails: true)[0])
      #expect(usage.tasks == 2)
      // The shell and perl have three each.
      #expect(try #require(usage.openDescriptors) >= 8)
      #expect(try #require(usage.openDescriptors) < 40)
      // Whether a kernel counts what is read from disks is its own matter.
      #expect((usage.diskReadBytes == nil) == (usage.diskWrittenBytes == nil))
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func whatACgroupTellsOfTasksAndDisksIsBelieved() throws {
    let directory = try TemporaryDirectory()
    try directory.write("usage_usec 1\n", to: "cpu.stat")
    try directory.write("4096\n", to: "memory.current")
    #expect(UsageReader.readCgroup(directory.path)?.tasks == nil)
    #expect(UsageReader.readCgroup(directory.path)?.diskReadBytes == nil)
    try directory.write("17\n", to: "pids.current")
    try directory.write(
      "8:0 rbytes=4096 wbytes=1 rios=1 wios=1 dbytes=9 dios=0\n8:16 rbytes=5 wbytes=20 rios=2\n",
      to: "io.stat")
    let told = try #require(UsageReader.readCgroup(directory.path))
    #expect(told.tasks == 17 && told.diskReadBytes == 4101 && told.diskWrittenBytes == 21)
    #expect(UsageReader.readCgroup(directory.path, hasDetails: false)?.tasks == nil)
    // Descriptors are those of the processes in the session.
    let subject = UsageReader.Subject(leader: getsid(0), cgroup: directory.path)
    let reading = UsageReader.Reading([subject], hasDetails: true)
    #expect(reading.processes.contains(SystemProcess.ownPID))
    #expect(reading.completed(with: ProcessScan())[0] == told)
  }

  @Test func ofAProcessThatCannotBeReadNoDetailIsKnown() throws {
    let reading = UsageReader.Reading([.init(leader: getsid(0))], hasDetails: true)
    var scan = ProcessScan()
    scan.hidden = [SystemProcess.ownPID]
    let usage = try #require(reading.completed(with: scan)[0])
    #expect(usage.memoryBytes != nil && usage.tasks == nil && usage.openDescriptors == nil)
    #expect(usage.diskReadBytes == nil && usage.diskWrittenBytes == nil)
  }

  @Test func aCgroupMayHaveGivenBackMoreThanItHas() throws {
    let directory = try TemporaryDirectory()
    try directory.write("usage_usec 1\n", to: "cpu.stat")
    try directory.write("4096\n", to: "memory.current")
    try directory.write("inactive_file 8192\n", to: "memory.stat")
    #expect(UsageReader.readCgroup(directory.path)?.memoryBytes == 0)
  }

  @Test func withoutTheMemoryControllerTheSessionTellsTheMemory() throws {
    let directory = try TemporaryDirectory()
    try directory.write("usage_usec 5000000\n", to: "cpu.stat")
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: Self.eater, on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready" }
      let usage = try #require(
        read([UsageReader.Subject(leader: scene.child.pid, cgroup: directory.path)], loop)[0])
      #expect(usage.cpuTime == .seconds(5))
      #expect(try #require(usage.memoryBytes) >= 64 << 20)
      #expect(usage.oomKills == nil)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  /// Its records may have to be waited for, which nothing does.
  @Test func ofAProcessThatCannotBeReadTheMemoryIsKnown() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: Self.eater, on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready" }
      let reading = UsageReader.Reading([.init(leader: scene.child.pid)])
      #expect(reading.processes == [scene.child.pid])
      var scan = ProcessScan()
      scan.hidden = reading.processes + [Int32.max]
      let usage = try #require(reading.completed(with: scan)[0])
      #expect(try #require(usage.memoryBytes) >= 64 << 20)
      #expect(usage.cpuTime == .zero)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test(arguments: [
    "", "usage_usec", "usage_usec \n", "usage_usec x\n", "xusage_usec 5\n", "usage_usecs 5\n",
    "usage_usec 99999999999999999999\n", "a\nb usage_usec 5",
  ])
  func aFileThatSaysNothingIsNoCgroup(contents: String) throws {
    let directory = try TemporaryDirectory()
    #expect(UsageReader.readCgroup(directory.path) == nil)
    try directory.write(contents, to: "cpu.stat")
    #expect(UsageReader.readCgroup(directory.path) == nil)
  }

  @Test func whatThisProcessUsesIsSeen() throws {
    var held: [Int32] = []
    for _ in 0..<50 { held.append(open("/dev/null", O_RDONLY | O_CLOEXEC)) }
    defer { for descriptor in held { close(descriptor) } }
    let usage = try SystemProcess.ownUsage()
    #expect(usage.residentBytes > 1 << 20 && usage.residentBytes < usage.virtualBytes)
    #expect(usage.cpuTime > .zero)
    #expect(usage.openDescriptors >= 53)
    #expect(usage.maxDescriptors >= UInt64(usage.openDescriptors))
    #expect(try SystemProcess.ownUsage().cpuTime >= usage.cpuTime)
  }
}

extension TemporaryDirectory {
  fileprivate func write(_ text: String, to name: String) throws {
    try Files.createNew(file(name), mode: 0o600, contents: Array(text.utf8))
  }
}
