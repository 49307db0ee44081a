import Basics

/// A process as an operator knows it: its definition, and where that came from. What runs for it
/// are machines: one of its own name, or one for each copy.
struct Service {
  var definition: ProcessDefinition
  /// The file of `processes.d` that it stands in: then only that file can change it.
  var fragment: String?
  /// Why it cannot be started at all, in words: found when it was loaded.
  var fault: String?
  /// The names of what ran for it and is to run no more: it is being ended, and forgotten then.
  var leaving: Set<InstanceID> = []
  /// Whether something of it has been started since its sockets were last closed.
  var hasSockets = false

  var id: ServiceID { definition.serviceID }

  init(_ definition: ProcessDefinition, fragment: String? = nil) {
    self.definition = definition
    self.fragment = fragment
  }

  /// Whether it turns from one process into copies, or back: the new ones wait for the end of the
  /// old.
  var isChangingShape: Bool {
    definition.instances == nil ? !leaving.isEmpty : leaving.contains(definition.instanceID)
  }

  /// The names of everything that runs for it, also of what is being ended.
  var names: [InstanceID] {
    let names = definition.runNames
    return leaving.isEmpty ? names : names + leaving.subtracting(names).sorted()
  }

  /// What describes the machine of that name; nil if it is none of its own.
  func definition(of name: InstanceID) -> ProcessDefinition? {
    guard let instances = definition.instances else {
      return name == definition.instanceID ? definition : nil
    }
    guard let instance = Int(name.rawValue.dropFirst(definition.id.count + 1)),
      instance < instances,
      ProcessDefinition.name(of: instance, of: definition.id) == name.rawValue
    else { return nil }
    return definition.copy(instance)
  }
}
