import Basics

/// The answer to a command.
package enum Reply: Hashable, Sendable {
  /// Done; says what.
  case done(String)
  /// `add` made this process.
  case created(ProcessEntry, message: String)
  /// `add` made these copies of a process, in their order.
  case createdCopies([ProcessEntry], message: String)
  /// What became of each process of a command to several of them, sorted by id.
  case results([Outcome], message: String)
  /// A command to several processes, one after the other, went no further, or none of the copies of
  /// a process did what they were told; says why, and what became of each.
  case halted(Refusal, [Outcome], message: String)
  /// What a reload changed, or would change.
  case reloaded(Changes, message: String)
  /// Nothing was done; says why.
  case refused(Refusal, message: String)

  /// What a command to several processes did to one.
  package struct Outcome: Hashable, Sendable {
    package var id: String
    package var success: Bool
    package var message: String

    package init(id: String, success: Bool, message: String) {
      self.id = id
      self.success = success
      self.message = message
    }

    init(_ name: InstanceID, success: Bool, message: String) {
      self.init(id: name.rawValue, success: success, message: message)
    }
  }

  /// What a reload does, by ids, each sorted.
  package struct Changes: Hashable, Sendable {
    package var added: [String] = []
    package var removed: [String] = []
    package var updated: [String] = []
    package var unchanged: [String] = []

    package init() {}

    /// Whether nothing is added, removed or updated.
    var isEmpty: Bool { added.isEmpty && removed.isEmpty && updated.isEmpty }
  }

  /// The kinds of refusal, told apart because HTTP gives each a status.
  package enum Refusal: Hashable, Sendable {
    /// There is no process of that id.
    case noSuchProcess
    /// A definition, sound by itself, does not fit the others: it depends on what is not there, or
    /// in a circle.
    case badDefinition
    /// The id is taken, or the state of the process does not allow it, or a start failed.
    case conflict
    /// The supervisor is shutting down.
    case shuttingDown
    /// The disk refused, or a process outlived `SIGKILL`.
    case failure
  }
}
