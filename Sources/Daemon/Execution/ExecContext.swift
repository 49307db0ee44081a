import Basics
import Supervision
import UV

/// What everything that is started for a run finds around it, be it the command of the process, a
/// hook or a probe: who it is, its environment, directory and limits. Made again for each start,
/// since what it is made of may change.
struct ExecContext {
  private let service: String
  private let execution: Execution
  private let account: RunAccount
  private let environment: Variables
  private let mark: SystemString

  /// Puts together what has been found out for a definition, see ``ExecContextQuery``.
  /// - Parameters:
  ///   - file: the variables of its environment file.
  ///   - directory: what `PWD` is to be.
  ///   - inherited: what the supervisor was started with.
  ///   - mark: by which processes of the run can be found.
  ///   - added: further variables of the run; a definition cannot take them.
  init(
    of definition: ProcessDefinition, account: RunAccount, file: Variables,
    directory: SystemString?, inherited: Inherited, mark: RunMark,
    adding added: Variables
  ) {
    service = definition.serviceID.rawValue
    execution = definition.execution
    self.account = account
    self.mark = SystemString("\(RunState.markerName)=\(mark.text)")
    environment = ChildEnvironment.make(
      inherited: account.environment(in: inherited.variables), directory: directory,
      asked: Variables(execution.environment).merging(file) { $1 },
      facts: added.merging(ChildEnvironment.facts(of: definition, mark: mark)) { $1 })
  }

  /// How to start something in them.
  /// - Parameters:
  ///   - commandLine: a command and its arguments.
  ///   - added: variables of this start alone; they stand before all others.
  ///   - sockets: what is handed over to it.
  func options(
    _ commandLine: [String], adding added: Variables = [:], sockets: [BoundSocket] = [],
    cgroup: Cgroup? = nil
  ) -> SpawnOptions {
    var variables = environment.merging(added) { $1 }
    if !sockets.isEmpty {
      ChildEnvironment.announce(sockets.count, of: service, in: &variables)
    }
    var options = SpawnOptions(
      command: commandLine.first ?? "", arguments: Array(commandLine.dropFirst()),
      environment: ChildEnvironment.list(variables),
      workingDirectory: execution.workingDirectory, cgroup: cgroup)
    options.mark = mark
    options.sockets = sockets
    options.identity = account.identity
    options.umask = execution.umask.map { UInt32($0) }
    options.nice = execution.nice.map { Int32($0) }
    options.limits = ResourceLimits.Resource.allCases.compactMap { resource in
      execution.limits[resource].map { ResourceLimit(resource, UInt64($0)) }
    }
    return options
  }

  /// Who the process is to be, if it is to be another user.
  var identity: Identity { account.identity }

  /// A program needs one descriptor more than it is given, if only to load its libraries.
  static func checkDescriptors(_ execution: Execution) throws(StartRefusal) {
    let (least, sockets) = (4 + execution.listen.count, execution.listen.count)
    guard let most = execution.limits.openFiles, most < least, sockets > 0 else { return }
    throw StartRefusal("limits.open_files \(most): with \(sockets) sockets it takes \(least)")
  }
}
