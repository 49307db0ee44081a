import Basics
import Glibc
import TestSupport
import Testing
import UV

/// Who a child is and within which limits, where it starts plainly and where it starts in a cgroup:
/// there it goes on as another process.
struct ChildSetupTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// Starts with a cgroup where one can be made, and without.
  private static let placements = TestCgroup.isAvailable ? [false, true] : [false]
  private static let nobody: UInt32 = 65534

  /// What a script writes to standard output.
  private func output(
    _ script: String, inCgroup: Bool, _ change: (inout SpawnOptions) throws -> Void = { _ in }
  ) throws -> [String] {
    let cgroup = inCgroup ? try TestCgroup() : nil
    let text = try outputOf(shell: script) { options in
      options.cgroup = cgroup?.group
      try change(&options)
    }
    return text.split(separator: "\n").map(String.init)
  }

  /// Why a start fails; also that it leaves no child and no descriptor behind.
  private func failure(
    inCgroup: Bool, _ change: (inout SpawnOptions) throws -> Void
  ) throws -> String {
    let cgroup = inCgroup ? try TestCgroup() : nil
    var options = SpawnOptions(command: "true", environment: ["PATH=\(TestPrograms.searchPath)"])
    options.cgroup = cgroup?.group
    try change(&options)
    var reason = "none"
    try withScheduler { loop, scheduler in
      do {
        let scene = try Scene(options, on: loop, scheduler)
        try runLoop(loop) { scene.isOver }
        scene.child.close()
      } catch let error as UVError {
        reason = "\(error)"
      }
    }
    #expect(try cgroup?.group.processes() ?? [] == [])
    return reason
  }

  @Test(
    .enabled(if: SystemProcess.isRoot, "only root can become somebody else"), arguments: placements)
  func aChildIsTheUserThatItIsToBe(inCgroup: Bool) throws {
    let lines = try output(
      "id -u; id -g; id -G; grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status | sort",
      inCgroup: inCgroup
    ) {
      $0.identity = Identity(user: 4711, group: 4712, supplementaryGroups: [4712, 4, 4713])
    }
    #expect(
      lines == [
        "4711", "4712", "4712 4 4713", "CapAmb:\t0000000000000000", "CapEff:\t0000000000000000",
        "CapPrm:\t0000000000000000",
      ])
  }

  @Test(
    .enabled(if: SystemProcess.isRoot, "only root can become somebody else"), arguments: placements)
  func anotherUsersChildOpensItsOutputByName(inCgroup: Bool) throws {
    let script = "echo one > /dev/stdout; echo two > /proc/self/fd/1; cat /dev/stdin"
    let lines = try output(script + " < /dev/null", inCgroup: inCgroup) {
      $0.identity = Identity(user: Self.nobody, group: Self.nobody, supplementaryGroups: [])
    }
    #expect(lines == ["one", "two"])
  }

  @Test(arguments: placements)
  func umaskNiceAndLimitsAreThoseThatWereAskedFor(inCgroup: Bool) throws {
    let lines = try output(
      "umask; nice; ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc; ulimit -St; ulimit -Sv",
      inCgroup: inCgroup
    ) {
      $0.umask = 0o027
      $0.nice = 11
      $0.limits = [
        ResourceLimit(.openFiles, 77), ResourceLimit(.coreBytes, 0), ResourceLimit(.cpuSeconds, 55),
        ResourceLimit(.addressSpaceBytes, 1 << 30),
      ]
    }
    #expect(lines == ["0027", "11", "77", "77", "0", "0", "55", "\(1 << 20)"])
  }

  @Test(
    .enabled(if: SystemProcess.isRoot, "only root can become somebody else"), arguments: placements)
  func whatTakesPrivilegesIsDoneBeforeTheyAreGivenAway(inCgroup: Bool) throws {
    let lines = try output("nice; id -u", inCgroup: inCgroup) {
      $0.nice = -5
      $0.identity = Identity(user: Self.nobody, group: Self.nobody, supplementaryGroups: [])
    }
    #expect(lines == ["-5", "\(Self.nobody)"])
  }

  @Test(
    .enabled(if: SystemProcess.isRoot, "only root can become somebody else"), arguments: placements)
  func aDirectoryIsEnteredAsTheUser(inCgroup: Bool) throws {
    let closed = directory.file("closed")
    try #require(mkdir(closed, 0o700) == 0)
    try #require(chmod(directory.path, 0o755) == 0)
    let identity = Identity(user: Self.nobody, group: Self.nobody, supplementaryGroups: [])
    let reason = try failure(inCgroup: inCgroup) {
      $0.identity = identity
      $0.workingDirectory = closed
    }
    #expect(reason == "chdir '\(closed)': Permission denied")
    let program = directory.file("program")
    try Files.createNew(program, mode: 0o700, contents: Array("#!/bin/sh\n".utf8))
    let other = try failure(inCgroup: inCgroup) {
      $0.identity = identity
      $0.command = program
    }
    #expect(other == "execute '\(program)': Permission denied")
  }

  @Test(arguments: placements) func aStepThatFailsIsNamed(inCgroup: Bool) throws {
    let reason = try failure(inCgroup: inCgroup) { $0.workingDirectory = "/no/such" }
    #expect(reason == "chdir '/no/such': No such file or directory")
    let limit = try failure(inCgroup: inCgroup) {
      $0.limits = [ResourceLimit(.coreBytes, 0), ResourceLimit(.openFiles, 1 << 31)]
    }
    #expect(limit == "setrlimit 'RLIMIT_NOFILE': Operation not permitted")
    let groups = try failure(inCgroup: inCgroup) {
      $0.identity.supplementaryGroups = Array(repeating: 4711, count: 65537)
    }
    #expect(
      groups == "setgroups '65537 groups': Invalid argument"
        || groups == "setgroups '65537 groups': Operation not permitted")
  }

  @Test(
    .disabled(
      if: getenv("EXEIO_SANITIZED") != nil,
      "LeakSanitizer cannot look at a process that has changed its user"))
  func anOrdinaryUserIsRefusedAtTheStepThatNeedsRoot() async throws {
    await #expect(processExitsWith: .success) {
      if SystemProcess.isRoot { try #require(setgid(65534) == 0 && setuid(65534) == 0) }
      func reason(_ change: (inout SpawnOptions) -> Void) -> String {
        do {
          _ = try outputOf(shell: "true", change)
          return "none"
        } catch {
          return "\(error)"
        }
      }
      #expect(reason { $0.identity.user = 4711 } == "setresuid '4711': Operation not permitted")
      #expect(reason { $0.identity.group = 4711 } == "setresgid '4711': Operation not permitted")
      #expect(reason { $0.nice = -5 } == "setpriority '-5': Permission denied")
      #expect(reason { $0.identity.user = getuid() } == "none")
    }
  }

  @Test func startsThatFailOnTheirWayLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let cgroup = TestCgroup.isAvailable ? try TestCgroup() : nil
      try withScheduler { loop, scheduler in
        var options = SpawnOptions(
          command: "true", environment: ["PATH=\(TestPrograms.searchPath)"])
        options.workingDirectory = "/no/such"
        #expect(throws: UVError.self) { try Scene(options, on: loop, scheduler) }
        let before = openDescriptorCount()
        for round in 0..<20 {
          options.cgroup = round % 2 == 0 ? nil : cgroup?.group
          #expect(throws: UVError.self) { try Scene(options, on: loop, scheduler) }
        }
        #expect(openDescriptorCount() < before + 10)
        #expect(orphans(on: loop) == [])
      }
    }
  }
}
