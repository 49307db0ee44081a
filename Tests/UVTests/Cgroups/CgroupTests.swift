import Basics
import Glibc
import TestSupport
import Testing
import UV

/// Real groups of cgroup v2, with real processes in them.
@Suite(.enabled(if: TestCgroup.isAvailable, "needs the superuser and a writable cgroup v2"))
struct CgroupTests {
  @Test func aChildIsInItsGroupBeforeItExecutesItsCommand() throws {
    let test = try TestCgroup()
    try withScheduler { loop, scheduler in
      let scene = try Scene("cat", ["/proc/self/cgroup"], cgroup: test.group, on: loop, scheduler)
      try runLoop(loop) { scene.isOver }
      let own = try #require(CgroupMount.group(in: scene.text))
      #expect(test.group.path.hasSuffix(own) && own.count > 1)
      // The next child goes nowhere.
      let other = try Scene("cat", ["/proc/self/cgroup"], on: loop, scheduler)
      try runLoop(loop) { other.isOver }
      #expect(CgroupMount.group(in: other.text) != own)
      for scene in [scene, other] { scene.child.close() }
    }
  }

  @Test func aChildThatCannotMoveExecutesNothing() throws {
    let test = try TestCgroup()
    let directory = try TemporaryDirectory()
    // Beside a threaded group nothing but threaded groups can have processes: cgroups(7).
    for name in ["threaded", "invalid"] { mkdir(test.group.child(name).path, 0o755) }
    try test.group.child("threaded").write("threaded", to: "cgroup.type")
    try withScheduler { loop, scheduler in
      #expect {
        _ = try Scene(
          "touch", [directory.file("made")], cgroup: test.group.child("invalid"), on: loop,
          scheduler)
      } throws: {
        let error = $0 as? UVError
        return error?.operation == "enter the cgroup" && error?.code == .notSupported
      }
      #expect {
        _ = try Scene(
          "touch", [directory.file("made")], cgroup: test.group.child("absent"), on: loop,
          scheduler)
      } throws: {
        ($0 as? UVError)?.code == .noSuchFileOrDirectory
      }
      #expect(directory.names.isEmpty)
    }
  }

  @Test func aCommandThatIsNotThereLeavesNobodyBehind() async {
    await #expect(processExitsWith: .success) {
      let test = try TestCgroup()
      try withScheduler { loop, scheduler in
        #expect {
          _ = try Scene("/nowhere/at/all", cgroup: test.group, on: loop, scheduler)
        } throws: {
          ($0 as? UVError)?.operation == .execute
            && ($0 as? UVError)?.code == .noSuchFileOrDirectory
        }
        #expect(orphans(on: loop) == [])
        let scene = try Scene("true", cgroup: test.group, on: loop, scheduler)
        try runLoop(loop) { scene.isOver }
        #expect(scene.exits == [.code(0)])
        #expect(orphans(on: loop) == [])
        #expect(try !test.group.isPopulated())
        scene.child.close()
      }
    }
  }

  @Test func aKillEndsWhatHasLeftItsSessionToo() throws {
    let test = try TestCgroup()
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        "sh", ["-c", "env -i setsid sleep 100 & (setsid sleep 100 &); echo ready; wait"],
        cgroup: test.group, on: loop, scheduler)
      var contents: [String] = []
      let watch = try CgroupFileWatch(test.group, "cgroup.events", on: loop) { result in
        do throws(UVError) { contents.append(try result.get()) } catch { contents.append("gone") }
      }
      try runLoop(loop) { scene.text == "ready\n" }
      #expect(try test.group.processes().contains(scene.child.pid))
      #expect(try test.group.isPopulated())
      #expect(try test.group.kill())
      try runLoop(loop) {
        scene.isOver && contents.last.flatMap { Cgroup.value("populated", in: $0) } == 0
      }
      #expect(scene.exits == [.signal(.kill)])
      #expect(try test.group.processes().isEmpty)
      // It was told of, not asked: once at first, and after each change.
      #expect(contents.count <= 4)
      watch.close()
      scene.child.close()
    }
  }

  @Test func theProcessesOfAGroupAreThoseOfTheGroupsInIt() throws {
    let test = try TestCgroup()
    let inner = test.group.child("a").child("b")
    mkdir(test.group.child("a").path, 0o755)
    mkdir(inner.path, 0o755)
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], cgroup: inner, on: loop, scheduler)
      #expect(try test.group.processes() == [scene.child.pid])
      #expect {
        try test.group.remove()
      } throws: {
        ($0 as? UVError)?.code == .resourceBusy
      }
      _ = try test.group.kill()
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
    try inner.remove()
    try test.group.child("a").remove()
    #expect(try test.group.childNames().isEmpty)
    // What is gone already need not be removed.
    try inner.remove()
  }

  @Test func aGroupOfThreadsHidesNobody() throws {
    let test = try TestCgroup()
    let threads = test.group.child("threads")
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], cgroup: test.group, on: loop, scheduler)
      mkdir(threads.path, 0o755)
      try threads.write("threaded", to: "cgroup.type")
      #expect(try test.group.processes() == [scene.child.pid])
      try threads.write("\(scene.child.pid)", to: "cgroup.threads")
      #expect(try test.group.processes() == [scene.child.pid])
      _ = try test.group.kill()
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func aTreeMovesOutWhoIsInItsRootAndKeepsOthersOut() throws {
    let test = try TestCgroup()
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], cgroup: test.group, on: loop, scheduler)
      let tree = try CgroupTree(test.group, patience: .zero)
      #expect(try test.group.read("cgroup.procs").isEmpty)
      #expect(try test.group.child("supervisor").processes() == [scene.child.pid])
      #expect {
        _ = try CgroupTree(test.group, patience: .zero)
      } throws: {
        $0 as? UVError == UVError(code: -EBUSY, operation: "lock", subject: test.group.path)
      }
      let run = try tree.makeGroup(of: "web", CgroupLimits())
      #expect(try tree.groups() == ["web": run])
      tree.close()
      try CgroupTree(test.group, patience: .zero).close()
      _ = try test.group.kill()
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func aSupervisorLeavesTheGroupOfARunThatItWasStartedIn() async {
    await #expect(processExitsWith: .success) {
      func ownGroup() throws -> Cgroup {
        let files = try ["mountinfo", "cgroup"].map {
          String(decoding: try Files.read("/proc/self/\($0)", limit: 1 << 20), as: UTF8.self)
        }
        let group = try #require(CgroupMount.group(in: files[1]))
        return Cgroup(path: try #require(CgroupMount(mountInfo: files[0])?.directory(of: group)))
      }
      let test = try TestCgroup()
      let home = try ownGroup()
      let run = test.group.child("process-web")
      mkdir(run.path, 0o755)
      try run.write("\(getpid())", to: "cgroup.procs")
      let tree = try CgroupTree(test.group, patience: .zero)
      #expect(try ownGroup() == test.group.child("supervisor"))
      // Where it was is ended, and it is not.
      #expect(try tree.groups()["web"]?.kill() == true)
      try home.write("\(getpid())", to: "cgroup.procs")
      tree.close()
    }
  }

  @Test func aGroupThatIsStillUsedIsNotGivenToAnotherRun() throws {
    let test = try TestCgroup()
    let tree = try CgroupTree(test.group, patience: .zero)
    defer { tree.close() }
    try withScheduler { loop, scheduler in
      let group = try tree.makeGroup(of: "web", CgroupLimits())
      let scene = try Scene("sleep", ["100"], cgroup: group, on: loop, scheduler)
      #expect {
        _ = try tree.makeGroup(of: "web", CgroupLimits())
      } throws: {
        ($0 as? UVError)?.code == .resourceBusy
      }
      _ = try group.kill()
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
    #expect(try tree.makeGroup(of: "web", CgroupLimits()).processes().isEmpty)
  }

  /// Refused by the kernel, or by the lack of a file without the controller.
  @Test(arguments: [
    (CgroupLimits(memoryMaxBytes: -5), CgroupController.memory),
    (CgroupLimits(cpuMaxPercent: -5), .cpu),
    (CgroupLimits(tasksMax: -5), .tasks),
  ])
  func aLimitThatIsRefusedIsNamed(limits: CgroupLimits, controller: CgroupController) throws {
    let test = try TestCgroup()
    let tree = try CgroupTree(test.group, patience: .seconds(5))
    let error = try #require(throws: UVError.self) { _ = try tree.makeGroup(of: "web", limits) }
    #expect(error.operation.limit == controller, "\(error)")
    #expect(["open", "write"].contains(error.operation.description))
    #expect(try tree.groups().isEmpty, "the group is left")
  }

  @Test func onlyWhatIsBelowTheRootCanBeTaken() throws {
    let test = try TestCgroup()
    #expect(!test.group.isRootOfSystem)
    #expect(try Cgroup.isCgroup(test.group.path))
    #expect(try !Cgroup.isCgroup("/tmp"))
    #expect(try !Cgroup.isCgroup(test.group.file("cgroup.procs")))
  }
}
