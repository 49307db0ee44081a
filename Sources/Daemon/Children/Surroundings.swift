import Supervision
import UV

/// What everything that is started for a run finds around it, be it the command of the process, a hook or a
/// probe: environment and directory. Made anew for each start, since what it is made of may change.
struct Surroundings {
  private let environment: [String: String]
  private let workingDirectory: String?

  /// Finds out what a definition asks for.
  /// - Parameters:
  ///   - inherited: the supervisor's own environment.
  ///   - marker: the variable by which processes of the run can be found.
  ///   - added: further variables of the run; a definition cannot take them.
  /// Throws what cannot be had, naming the field.
  init(
    of definition: ProcessDefinition, inherited: [String: String],
    marker: (name: String, value: String), adding added: [String: String] = [:]
  ) throws(StartRefusal) {
    environment = ChildEnvironment.make(
      inherited: inherited, asked: definition.execution.environment,
      facts: added.merging(ChildEnvironment.facts(of: definition, marker: marker)) { $1 })
    workingDirectory = definition.execution.workingDirectory
  }

  /// How to start something in them.
  /// - Parameters:
  ///   - commandLine: a command and its arguments.
  ///   - added: variables of this start alone; they stand before all others.
  func options(
    _ commandLine: [String], adding added: [String: String] = [:], cgroup: Cgroup? = nil
  ) -> SpawnOptions {
    SpawnOptions(
      command: commandLine.first ?? "", arguments: Array(commandLine.dropFirst()),
      environment: ChildEnvironment.list(environment.merging(added) { $1 }),
      workingDirectory: workingDirectory, cgroup: cgroup)
  }

  /// Why a start in them failed, at the field of the definition that is to blame.
  /// - Parameter field: where the command line stands.
  static func refusal(_ error: UVError, field: String = "command") -> StartRefusal {
    let value = error.subject.map { " '\($0)'" } ?? ""
    return switch error.operation {
    case "chdir": StartRefusal("working_dir\(value): \(error.reason)")
    case "execute": StartRefusal("\(field)\(value): \(error.reason)")
    default: StartRefusal("\(error)")
    }
  }
}

/// Why nothing could be started: the field of the definition, its value, and the reason.
struct StartRefusal: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
