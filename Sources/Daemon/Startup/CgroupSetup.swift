import API
import Basics
import Supervision
import UV

/// Which cgroups there are for the processes, and what the log says of it.
struct CgroupSetup {
  var tree: CgroupTree?
  var message: String
  var level = LogLevel.info

  /// The controllers that keep limits of processes.
  var limitControllers: Set<CgroupController> { tree?.controllers ?? [] }
}

extension CgroupSetup {
  /// Takes over the part of the tree of cgroups that was left to us, if there is one. Throws
  /// `StartError` where a directory was named and cannot be used. What `auto` finds, and cannot
  /// use, is a warning: there are other ways to end everything.
  ///
  /// - Parameters:
  ///   - forkServer: the process that forks for this one.
  ///   - patience: how long a predecessor may take to let go of the tree.
  init(
    _ choice: Configuration.CgroupChoice, forkServer: Int32?, patience: Duration
  ) throws(StartError) {
    let without = "Processes get no cgroups of their own"
    switch choice {
    case .none:
      self.init(message: "\(without) (--cgroup none)")
    case .directory(let name):
      let path = Files.resolvingLinks(name)
      let tree: CgroupTree?
      do throws(UVError) {
        tree =
          try Cgroup.isCgroup(path) && !Cgroup(path: path).isRootOfSystem
          ? CgroupTree(Cgroup(path: path), patience: patience, helper: forkServer) : nil
      } catch {
        throw StartError(error, cgroup: name)
      }
      guard let tree else {
        throw StartError(
          "--cgroup '\(name)' is not a directory of cgroup v2 below its root; choose another, auto or none"
        )
      }
      self.init(tree)
    case .auto, .own:
      do throws(UVError) {
        switch try CgroupSearch.delegated(isKnown: choice == .own) {
        case .found(let group):
          self.init(try CgroupTree(group, patience: patience, helper: forkServer))
        case .nothing(let reason): self.init(message: "\(without): \(reason)")
        }
      } catch {
        self.init(message: "\(without): \(error)", level: .warning)
      }
    }
  }

  private init(_ tree: CgroupTree) {
    let on = CgroupController.allCases.filter(tree.controllers.contains).map(\.rawValue)
    let offered = on.isEmpty ? "no controllers" : on.joined(separator: ", ")
    let refused = tree.refusals.map { "; \($0)" }.joined()
    self.init(
      tree: tree,
      message:
        "Processes get cgroups of their own under '\(tree.root.path)' (\(offered))\(refused)",
      level: tree.refusals.isEmpty ? .info : .warning)
  }
}
