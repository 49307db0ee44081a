/// A definition out of a file, and which file that was.
package struct ConfiguredDefinition: Hashable, Sendable {
  package var definition: ProcessDefinition
  /// The file of `processes.d` that it stands in: then only that file can change it. Nil for
  /// `processes.json`.
  package var fragment: String?

  package init(_ definition: ProcessDefinition, fragment: String? = nil) {
    self.definition = definition
    self.fragment = fragment
  }
}
