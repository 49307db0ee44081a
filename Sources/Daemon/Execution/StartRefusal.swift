import API
import Basics
import Supervision
import UV

/// Why nothing could be started: the field of the definition, its value, and the reason.
struct StartRefusal: Error, Equatable, CustomStringConvertible {
  let description: String
  /// Whether it says nothing of what was to be started: it was not come to in time, or the daemon
  /// lacked something.
  private(set) var isUnknown: Bool

  init(_ description: String, isUnknown: Bool = false) {
    self.description = description
    self.isUnknown = isUnknown
  }

  /// An error of a start, at the field of the definition that is to blame.
  /// - Parameter field: where the command line stands.
  init(_ error: UVError, in definition: ProcessDefinition, field: String = "command") {
    let execution = definition.execution
    let value = error.subject.map { " '\($0.readable)'" } ?? ""
    let user = execution.user.map { "user '\($0)'" }
    let refused =
      error.code == .permissionDenied && error.detail == nil ? user.map { " for \($0)" } ?? "" : ""
    switch error.operation {
    case .changeDirectory:
      let hint = error.subject.flatMap {
        error.code == .noSuchFileOrDirectory ? Unexpanded.hint($0) : nil
      }
      self.init("working_dir\(value): \(error.reason)\(refused)\(Self.appended(hint))")
    case .execute:
      // What execve(2) says of a user who has as many processes already as he may have.
      let processes = error.code == .wouldBlock ? execution.limits.processes : nil
      let limit = processes.map { "; limits.processes is \($0)" } ?? ""
      let hint = error.subject.flatMap { command in
        error.code == .noSuchFileOrDirectory && error.detail == nil
          ? Unexpanded.hint(command: command, arguments: Self.arguments(field)) : nil
      }
      self.init("\(field)\(value): \(error.reason)\(refused)\(limit)\(Self.appended(hint))")
    case .waitFor: self.init("log\(value): \(error.reason)")
    case .setPriority: self.init("nice \(execution.nice ?? 0): \(error.reason)")
    case .setResourceLimit: self.init(Self.limit(error, execution.limits))
    case .setGroups, .setGroupID, .setUserID:
      let group = execution.group.map { "group '\($0)'" }
      let subject = error.operation == .setGroupID ? group ?? user : user ?? group
      self.init("\(subject ?? "user"): \(error)")
    default:
      self.init(error.operation.limit.map { "\($0.fieldName): \(error)" } ?? "\(error)")
    }
    isUnknown = [
      .timedOut, .brokenPipe, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory,
    ].contains(error.code)
  }

  /// With the field of a command in front, unless the description begins with that.
  func named(_ field: String) -> String {
    description.hasPrefix(field) ? description : "\(field): \(description)"
  }

  private static func appended(_ hint: String?) -> String { hint.map { "; \($0)" } ?? "" }

  /// Where the arguments of a command line belong.
  private static func arguments(_ field: String) -> String {
    field == "command" ? "'args'" : "further strings of \(field)"
  }

  private static func limit(_ error: UVError, _ limits: ResourceLimits) -> String {
    let resource = ResourceLimits.Resource.allCases.first { $0.kernelName == error.subject }
    guard let resource, let value = limits[resource] else { return "\(error)" }
    // Only the reason is wanted: where the most that is allowed is not known, it is left out.
    let allowed = (try? resource.hardLimit()).map { "; at most \($0) here" } ?? ""
    return "limits.\(resource.rawValue) \(value): \(error.reason)\(allowed)"
  }
}
