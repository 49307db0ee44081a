import Basics
import Glibc
import TestSupport
import Testing
import UV

struct ChildProcessTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func aChildsOutputItsErrorsAndItsExitCodeAreTold() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "echo out; echo err >&2; exit 7", on: loop, scheduler)
      try runLoop(loop) { scene.isOver }
      #expect(scene.text == "out\n")
      #expect(String(decoding: scene.errorOutput, as: UTF8.self) == "err\n")
      #expect(scene.exits == [.code(7)])
      #expect(scene.ends.sorted() == ["err ended", "out ended"])
      scene.child.close()
      #expect(!loop.run(.noWait))
    }
  }

  @Test func aSignalThatEndedTheChildIsTold() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], on: loop, scheduler)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      #expect(scene.exits == [.signal(.kill)])
      scene.child.close()
    }
  }

  @Test func theChildLeadsASessionAndAGroupOfItsOwn() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "sleep 100 & sleep 100", on: loop, scheduler)
      let pid = scene.child.pid
      #expect(getsid(pid) == pid)
      #expect(getpgid(pid) == pid)
      #expect(ProcessGroups.exists(pid))
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        if membersOfSession(pid).count == 3 { timer.close() }
      }
      try runLoop(loop) { !timer.isActive }
      let leader = try #require(
        membersOfSession(pid).first { $0.pid == pid })
      #expect(leader.startTime == ProcessTable.startTime(of: pid))
      try ProcessGroups.signal(SIGTERM, group: pid)
      try runLoop(loop) { scene.isOver }
      #expect(scene.exits == [.signal(.terminate)])
      #expect(ProcessTable.startTime(of: pid) == nil)
      scene.child.close()
    }
  }

  /// A start may begin in one tick of the clock and end in the next one.
  @Test func whenItWasMadeIsKnownOfEveryChildToTheTick() throws {
    try withScheduler { loop, scheduler in
      for _ in 0..<100 {
        let scene = try Scene("sleep", ["100"], on: loop, scheduler)
        #expect(scene.child.startTime == ProcessTable.startTime(of: scene.child.pid))
        try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
        try runLoop(loop) { scene.isOver }
        scene.child.close()
      }
    }
  }

  @Test func argumentsEnvironmentAndDirectoryArriveAsTheyAre() throws {
    try withScheduler { loop, scheduler in
      let script = "printf '%s|' \"$0\" \"$@\"; pwd; env"
      let scene = try Scene(
        "/bin/sh", ["-c", script, "a b", "", "ü'\"$x"],
        environment: ["ONE=1=2", "PATH=\(TestPrograms.searchPath)"], directory: directory.path,
        on: loop,
        scheduler)
      try runLoop(loop) { scene.isOver }
      let lines = scene.text.split(separator: "\n").map(String.init)
      #expect(lines.first == "a b||ü'\"$x|\(directory.path)")
      #expect(
        Set(lines.dropFirst().filter { !$0.hasPrefix("_=") && !$0.hasPrefix("SHLVL=") }) == [
          "ONE=1=2", "PATH=\(TestPrograms.searchPath)", "PWD=\(directory.path)",
        ])
      scene.child.close()
    }
  }

  @Test func theCommandIsLookedUpInTheChildsPath() throws {
    let path = directory.file("only-here")
    try #require(symlink("/bin/echo", path) == 0)
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        "only-here", ["found"], environment: ["PATH=\(directory.path)"], on: loop, scheduler)
      try runLoop(loop) { scene.isOver }
      #expect(scene.text == "found\n")
      scene.child.close()
      let relative = try Scene(
        "./only-here", ["found"], directory: directory.path, on: loop, scheduler)
      try runLoop(loop) { relative.isOver }
      #expect(relative.text == "found\n")
      relative.child.close()
      #expect(throws: UVError(code: -ENOENT, operation: "execute", subject: "only-here")) {
        try Scene("only-here", on: loop, scheduler)
      }
    }
  }

  @Test func aFailedStartSaysWhichStepFailed() throws {
    let file = directory.file("file")
    try Files.createNew(file, mode: 0o600, contents: [])
    let none = directory.file("none")
    try withScheduler { loop, scheduler in
      func failure(_ command: String, in directory: String? = nil) -> String {
        do throws(UVError) {
          let scene = try Scene(command, directory: directory, on: loop, scheduler)
          scene.child.close()
          return "started"
        } catch {
          return error.description
        }
      }
      #expect(failure("true", in: none) == "chdir '\(none)': No such file or directory")
      #expect(failure("true", in: file) == "chdir '\(file)': Not a directory")
      #expect(failure(none) == "execute '\(none)': No such file or directory")
      #expect(
        failure(file)
          == "execute '\(file)': Permission denied: the file is not executable (mode 0600)")
      #expect(failure("") == "execute '': No such file or directory")
      #expect(failure("a\0b") == "execute 'a\0b': Invalid argument")
    }
  }

  @Test func noDescriptorIsLeftBehindByStartsThatFailAndThatSucceed() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        let before = openDescriptorCount()
        let rounds = 20
        for _ in 0..<rounds {
          #expect(throws: UVError.self) { try Scene("/no/such", on: loop, scheduler) }
          #expect(throws: UVError.self) { try Scene("true", directory: "/no", on: loop, scheduler) }
          let ended = try Scene("true", on: loop, scheduler)
          try runLoop(loop) { ended.isOver }
          ended.child.close()
          let running = try Scene("cat", on: loop, scheduler)
          running.child.close()
          #expect(waitpid(running.child.pid, nil, 0) == running.child.pid)
        }
        // The loop and the test's own process open some; a leak would be one a round.
        #expect(openDescriptorCount() < before + rounds / 2)
      }
    }
  }

  @Test func aStartWithoutDescriptorsFailsCleanly() async {
    await #expect(processExitsWith: .success) {
      try withScheduler { loop, scheduler in
        let first = try Scene("true", on: loop, scheduler)
        try runLoop(loop) { first.isOver }
        first.child.close()
        loop.run(.noWait)
        let before = openDescriptorCount()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var failures: Set<String> = []
        // From no room for a pipe to enough room for everything.
        for room in 0..<16 {
          var hoard: [Int32] = []
          var limit = rlimit(rlim_cur: rlim_t(before + room + 8), rlim_max: 20000)
          try #require(setrlimit(resource, &limit) == 0)
          while case let descriptor = dup(0), descriptor >= 0 { hoard.append(descriptor) }
          for descriptor in hoard.suffix(room) { close(descriptor) }
          do {
            let scene = try Scene("true", on: loop, scheduler)
            try runLoop(loop) { scene.isOver }
            scene.child.close()
            failures.insert("none")
          } catch {
            failures.insert((error as? UVError)?.name ?? "\(error)")
          }
          for descriptor in hoard.dropLast(room) { close(descriptor) }
          loop.run(.noWait)
        }
        // The test's own process may have opened one or two; a leak would be one a round.
        #expect(openDescriptorCount() < before + 8)
        #expect(failures == ["EMFILE", "none"])
        // No child was left behind either.
        #expect(orphans(on: loop) == [])
      }
    }
  }

  @Test func theChildHasThreeDescriptorsAndTheyBlock() async {
    await #expect(processExitsWith: .success) {
      // As if the program that started this one had left one open.
      try #require(fcntl(dup(0), F_SETFD, 0) == 0)
      try SystemProcess.keepDescriptorsFromChildren()
      let text = try outputOf(
        shell: "for f in /proc/$$/fd/*; do echo ${f##*/}; done; grep flags /proc/$$/fdinfo/[012]")
      let lines = text.split(separator: "\n").map(String.init)
      let flags = lines.compactMap { line in
        line.contains("flags:") ? Int32(line.split(separator: "\t").last ?? "", radix: 8) : nil
      }
      // 3 is what the shell reads the directory with.
      #expect(lines.dropLast(3) == ["0", "1", "2", "3"])
      #expect(flags.count == 3)
      #expect(flags.allSatisfy { $0 & O_NONBLOCK == 0 })
    }
  }

  @Test func outputThatIsReopenedByItsNameWorks() throws {
    #expect(
      try outputOf(shell: "echo one > /dev/stdout; echo two > /proc/self/fd/1") == "one\ntwo\n")
  }

  @Test func theChildHasNoSignalIgnoredOrBlocked() throws {
    SystemProcess.ignoreBrokenPipes()
    let text = try outputOf(shell: "grep -E 'Sig(Blk|Ign)' /proc/self/status")
    let masks = text.split(separator: "\n").map { UInt64($0.split(separator: "\t")[1], radix: 16) }
    // Signals 1 to 31: those above are no business of libuv's.
    #expect(masks.map { ($0 ?? .max) & 0x7FFF_FFFF } == [0, 0])
  }

  @Test func theChildMayHaveTheUsualNumberOfDescriptorsHoweverManyWeMay() async {
    await #expect(processExitsWith: .success) {
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      var limit = rlimit()
      try #require(getrlimit(resource, &limit) == 0)
      limit.rlim_cur = 512
      try #require(setrlimit(resource, &limit) == 0)
      let raised = try SystemProcess.raiseDescriptorLimit()
      #expect(raised.soft == raised.hard && raised.soft == UInt64(limit.rlim_max))
      _ = try SystemProcess.raiseDescriptorLimit()
      #expect(try outputOf(shell: "ulimit -Sn; ulimit -Hn") == "1024\n\(limit.rlim_max)\n")
      var now = rlimit()
      try #require(getrlimit(resource, &now) == 0)
      #expect(now.rlim_cur == limit.rlim_max)
      // A hard limit below that is the soft one as well.
      (now.rlim_cur, now.rlim_max) = (600, 600)
      try #require(setrlimit(resource, &now) == 0)
      #expect(try outputOf(shell: "ulimit -Sn; ulimit -Hn") == "600\n600\n")
    }
  }

  @Test func closingAChildLeavesItAliveAndTellsNothing() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], on: loop, scheduler)
      scene.child.close()
      scene.child.close()
      loop.run()
      #expect(kill(scene.child.pid, 0) == 0)
      #expect(scene.exits.isEmpty && scene.ends.isEmpty)
      kill(scene.child.pid, SIGKILL)
      #expect(waitpid(scene.child.pid, nil, 0) == scene.child.pid)
    }
  }

  @Test func manyChildrenEndingAtOnceAreEachToldOnce() throws {
    try withScheduler { loop, scheduler in
      let scenes = try (0..<60).map { number in
        try Scene(shell: "read x; exit \(number)", on: loop, scheduler)
      }
      for scene in scenes { scene.child.input.closeWhenDrained() }
      try runLoop(loop) { scenes.allSatisfy(\.isOver) }
      #expect(scenes.map(\.exits) == (0..<60).map { [.code($0)] })
      for scene in scenes { scene.child.close() }
    }
  }

  @Test func aChildFindsItsOwnNumberInTheVariablesThatAreNamed() throws {
    try withScheduler { loop, scheduler in
      var options = SpawnOptions(
        command: "sh", arguments: ["-c", "echo $$ $ONE $TWO; env | grep -c ONE="],
        environment: ["PATH=\(TestPrograms.searchPath)", "ONE=1"])
      options.numberVariables = ["ONE", "TWO"]
      var text: [UInt8] = []
      var ends = 0
      let child = try startedChild(options, on: loop, reader: scheduler) { _ in ends += 1 }
      child.output.start { span in
        span.withUnsafeBytes { text.append(contentsOf: $0) }
      } onEnd: { _ in
        ends += 1
      }
      try runLoop(loop) { ends == 2 }
      #expect(
        String(decoding: text, as: UTF8.self) == "\(child.pid) \(child.pid) \(child.pid)\n1\n")
      child.close()
    }
  }
}
