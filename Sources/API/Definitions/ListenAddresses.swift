package import Supervision

/// Which process listens on which address: the supervisor can bind each for one process only.
package struct ListenAddresses {
  private var owners: [String: String] = [:]

  /// No process listens yet.
  package init() {}

  /// Notes the addresses of a process.
  /// - Returns: for each that another process has, what is wrong with that, in words.
  package mutating func add(_ definition: ProcessDefinition) -> [String] {
    definition.execution.listen.compactMap { address in
      guard let other = owners.updateValue(definition.id, forKey: address),
        other != definition.id
      else { return nil }
      return "\"listen\" has an address of process '\(other)'"
    }
  }
}
