import Basics
package import Supervision

/// Which file defines which process. Two files cannot define one, and a process cannot have the
/// name of a copy of another: only one of the two could be loaded, and the other would be gone from
/// `processes.json` with its next write.
package struct DefinedIDs {
  private var files: [String: String] = [:]

  /// No file defines anything yet.
  package init() {}

  /// Notes that a file defines a process.
  /// - Returns: why that cannot be, in words, and then nothing is noted; nil if it can.
  package mutating func add(_ id: String, in file: String) -> String? {
    if let other = files[id] {
      return
        "the process '\(id)' is defined in '\(other)' and in '\(file)'; take one of them away"
    }
    files[id] = file
    return nil
  }

  /// Why a process with copies cannot be defined beside the others, in words; nil if it can.
  package func clash(of definition: ProcessDefinition, in file: String) -> String? {
    guard definition.instances != nil else { return nil }
    for name in definition.runNames {
      guard let other = files[name.rawValue] else { continue }
      return
        "the process '\(name)' in '\(other)' has the name of a copy of '\(definition.id)' in '\(file)'; rename one of them"
    }
    return nil
  }
}
