import API
import Supervision
import UV

/// Which cgroups there are for the processes, and what the log says of it.
struct CgroupSetup {
  var tree: CgroupTree?
  var message: String
  var level = LogLevel.info

  /// The controllers that keep limits of processes.
  var limitControllers: Set<LimitController> {
    Set((tree?.controllers ?? []).compactMap { LimitController(rawValue: $0.rawValue) })
  }
}

extension Daemon {
  /// Takes over the part of the tree of cgroups that was left to us, if there is one.
  /// Throws `StartError` where a directory was named and cannot be used. What `auto` finds, and cannot use, is
  /// a warning: there are other ways to end everything.
  ///
  /// - Parameter forkServer: the process that forks for this one.
  static func setUpCgroups(
    _ choice: Configuration.CgroupChoice, forkServer: Int32?
  ) throws(StartError) -> CgroupSetup {
    let without = "Processes get no cgroups of their own"
    switch choice {
    case .none:
      return CgroupSetup(message: "\(without) (--cgroup none)")
    case .directory(let name):
      let path = Files.resolvingLinks(name)
      let tree: CgroupTree?
      do throws(UVError) {
        tree =
          try Cgroup.isCgroup(path) && !Cgroup(path: path).isRootOfSystem
          ? CgroupTree(Cgroup(path: path), patience: lockPatience, helper: forkServer) : nil
      } catch {
        throw StartError(error, cgroup: name)
      }
      guard let tree else {
        throw StartError(
          "--cgroup '\(name)' is not a directory of cgroup v2 below its root; choose another, auto or none"
        )
      }
      return describe(tree)
    case .auto, .own:
      do throws(UVError) {
        switch try CgroupSearch.delegated(isKnown: choice == .own) {
        case .found(let group):
          return describe(try CgroupTree(group, patience: lockPatience, helper: forkServer))
        case .nothing(let reason): return CgroupSetup(message: "\(without): \(reason)")
        }
      } catch {
        return CgroupSetup(message: "\(without): \(error)", level: .warning)
      }
    }
  }

  private static func describe(_ tree: CgroupTree) -> CgroupSetup {
    let on = CgroupController.allCases.filter(tree.controllers.contains).map(\.rawValue)
    let offered = on.isEmpty ? "no controllers" : on.joined(separator: ", ")
    let refused = tree.refusals.map { "; \($0)" }.joined()
    return CgroupSetup(
      tree: tree,
      message:
        "Processes get cgroups of their own under '\(tree.root.path)' (\(offered))\(refused)",
      level: tree.refusals.isEmpty ? .info : .warning)
  }

  /// Why the limits of a process cannot be kept; nil where they can, or there are none.
  func missingController(for definition: ProcessDefinition) -> String? {
    let missing = LimitController.needed(by: definition).subtracting(router.limitControllers)
    return LimitController.allCases.first(where: missing.contains).map {
      "\($0.fieldName): no delegated cgroup with the \($0.rawValue) controller"
    }
  }

  /// An error of an interface file that holds a limit, at the field of the definition.
  static func limitReason(_ error: UVError) -> String? {
    let limited = error.operation.limit.flatMap { LimitController(rawValue: $0.rawValue) }
    return limited.map { "\($0.fieldName): \(error)" }
  }

  /// How many processes of a run the kernel has killed because memory ran out.
  func outOfMemoryKills(in run: ActiveRun) -> Int {
    guard let group = run.scope.cgroup, cgroups?.controllers.contains(.memory) == true else {
      return 0
    }
    do throws(UVError) {
      return try group.outOfMemoryKills()
    } catch {
      supervisorLog.warning(
        "Whether memory ran out for process '\(run.id.process)' is not known: \(error)")
      return 0
    }
  }

  /// Has kills in a group with a limit told while the leader lives.
  func watchMemory(of run: ActiveRun, _ definition: ProcessDefinition) {
    guard let group = run.scope.cgroup, definition.execution.memoryMaxBytes != nil else { return }
    let id = run.id
    do throws(UVError) {
      run.memoryWatch = try MemoryWatch(group, on: loop) { [self] kills in
        if runs[id]?.hasExited == false { send(.outOfMemory(id, oomKills: kills)) }
      }
    } catch {
      supervisorLog.warning("The memory of process '\(id.process)' is not watched: \(error)")
    }
  }

  /// Removes the group of a run of which nothing is left.
  func remove(_ group: Cgroup) {
    do throws(UVError) {
      try group.remove()
    } catch {
      supervisorLog.warning("\(error)")
    }
  }
}

extension ProcessDefinition {
  /// What its cgroup is to allow.
  var cgroupLimits: CgroupLimits {
    CgroupLimits(
      memoryMaxBytes: execution.memoryMaxBytes, cpuMaxPercent: execution.cpuMaxPercent,
      tasksMax: execution.tasksMax)
  }
}
