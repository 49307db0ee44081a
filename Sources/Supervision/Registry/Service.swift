/// A process as an operator knows it: its definition, and where that came from. What runs for it are
/// machines: one of its own name, or one for each copy.
struct Service {
  var definition: ProcessDefinition
  /// The file of `processes.d` that it stands in: then only that file can change it.
  var fragment: String?
  /// Why it cannot be started at all, in words: found when it was loaded.
  var fault: String?
  /// The names of what ran for it and is to run no more: it is being ended, and forgotten then.
  var leaving: Set<String> = []
  /// Whether something of it has been started since its sockets were last closed.
  var hasSockets = false

  init(_ definition: ProcessDefinition, fragment: String? = nil) {
    self.definition = definition
    self.fragment = fragment
  }

  /// Whether it turns from one process into copies, or back: the new ones wait for the end of the old.
  var isChangingShape: Bool {
    definition.instances == nil ? !leaving.isEmpty : leaving.contains(definition.id)
  }

  /// The names of everything that runs for it, also of what is being ended.
  var names: [String] {
    let names = definition.runNames
    return leaving.isEmpty ? names : names + leaving.subtracting(names).sorted()
  }

  /// What describes the machine of that name; nil where it is none of its own.
  func definition(of name: String) -> ProcessDefinition? {
    guard let instances = definition.instances else {
      return name == definition.id ? definition : nil
    }
    guard let instance = Int(name.dropFirst(definition.id.count + 1)), instance < instances,
      ProcessDefinition.name(of: instance, of: definition.id) == name
    else { return nil }
    return definition.copy(instance)
  }
}
