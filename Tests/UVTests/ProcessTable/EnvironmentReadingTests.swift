import Glibc
import TestSupport
import Testing

@testable import UV

/// What can be told of an environment, and that "not now" is kept apart from "no".
struct EnvironmentReadingTests {
  /// What keeps the last variable off the pages of the stack.
  private static let padding = SystemString("PADDING=" + String(repeating: "x", count: 16 << 10))

  private func end(_ scene: Scene, on loop: Loop) throws {
    try ProcessTable.signal(SIGKILL, process: scene.child.pid)
    try runLoop(loop) { scene.isOver }
    scene.child.close()
  }

  /// Its memory is exchanged thousands of times a second, and its environment says the same each
  /// time.
  @Test func aProcessInTheMiddleOfAnExecIsNeverSaidToHaveNoMark() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        TestPrograms.helper, ["execute-itself"], environment: ["MARK=here"], on: loop, scheduler)
      var readings: [VariableReading: Int] = [:]
      for _ in 0..<20_000 {
        readings[ProcessTable.variable("MARK", of: scene.child.pid), default: 0] += 1
      }
      #expect(Set(readings.keys).isSubset(of: [.value("here"), .unknown]), "\(readings)")
      #expect(readings[.value("here"), default: 0] > 0)
      try end(scene, on: loop)
    }
  }

  @Test func anEmptyEnvironmentIsSurelyWithoutAMark() throws {
    try withScheduler { loop, scheduler in
      let bare = try Scene("/bin/cat", environment: [], on: loop, scheduler)
      for _ in 0..<1000 {
        if ProcessTable.variable("MARK", of: bare.child.pid) == .absent { break }
        usleep(1000)
      }
      #expect(ProcessTable.variable("MARK", of: bare.child.pid) == .absent)
      try end(bare, on: loop)
    }
  }

  @Test func aProcessWhoseFirstThreadHasEndedIsStillTold() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        TestPrograms.helper, ["end-first-thread"], environment: ["MARK=here"], on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready\n" }
      for _ in 0..<1000 {
        if let text = try? Files.read("/proc/\(scene.child.pid)/stat", limit: 4096),
          String(decoding: text, as: UTF8.self).contains(") Z ")
        {
          break
        }
        usleep(1000)
      }
      #expect(ProcessTable.variable("MARK", of: scene.child.pid) == .value("here"))
      #expect(ProcessTable.variable("OTHER", of: scene.child.pid) == .absent)
      try end(scene, on: loop)
    }
  }

  /// Else everybody would wait for it for as long as it lives.
  @Test func anEnvironmentThatIsHiddenOnPurposeIsNotUnknownForEver() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        TestPrograms.helper, ["hide-environment"], environment: [Self.padding, "MARK=here"],
        on: loop, scheduler)
      try runLoop(loop) { scene.text == "ready\n" }
      for _ in 0..<1000 {
        if ProcessTable.variable("MARK", of: scene.child.pid) == .unreadable { break }
        usleep(1000)
      }
      #expect(ProcessTable.variable("MARK", of: scene.child.pid) == .unreadable)
      #expect(!ProcessTable.isExiting(scene.child.pid))
      try end(scene, on: loop)
    }
  }

  @Test func whatIsNotToBeReadIsNotUnknown() async {
    await #expect(processExitsWith: .success) {
      // As the superuser it would be let in.
      if geteuid() == 0 { try #require(setuid(65534) == 0) }
      #expect(ProcessTable.variable("PATH", of: 1) == .unreadable)
      #expect(!VariableReading.unreadable.isFinal && !VariableReading.unknown.isFinal)
    }
  }

  /// Without a descriptor to spare nothing can be told, and nothing is said to be gone.
  @Test func withoutADescriptorNothingIsSaidToBeGone() async {
    await #expect(processExitsWith: .success) {
      try SystemProcess.becomeSubreaper()
      try withScheduler { loop, scheduler in
        // It executes nothing more: in the middle of that it could not be read.
        let scene = try Scene(shell: "echo ready; read line", on: loop, scheduler)
        try runLoop(loop) { scene.text == "ready\n" }
        let pid = scene.child.pid
        let member = try #require(try ProcessRecord.read(pid)).member
        var old = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        try #require(getrlimit(files, &old) == 0)
        var none = rlimit(rlim_cur: 0, rlim_max: old.rlim_max)
        try #require(setrlimit(files, &none) == 0)
        let reading = ProcessTable.variable("PATH", of: pid)
        let isAlive = ProcessTable.isAlive(member)
        let look = ProcessLook(
          nil, without: [], variable: ProcessLook.Variable("PATH", EnvironmentMemory()))
        look.work(as: 1, isGated: true)
        let isListed = look.take().isListed
        let record = Result { try ProcessRecord.read(pid) }
        let orphans = Result { try ProcessTable.orphans(on: loop) }
        try #require(setrlimit(files, &old) == 0)
        #expect(reading == .unknown && isAlive && !isListed)
        #expect(throws: UVError.self) { try record.get() }
        #expect(throws: UVError.self) { try orphans.get() }
        try ProcessTable.signal(SIGKILL, process: pid)
        try runLoop(loop) { scene.isOver }
        scene.child.close()
        #expect(!ProcessTable.isAlive(member))
      }
    }
  }
}
