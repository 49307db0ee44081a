import Basics

/// A process that is being removed: its machines end, their logs are closed, and its definition
/// leaves the disk. Its names are taken until then.
struct Removal {
  private let id: ServiceID
  /// How many copies it has; nil for one that has none.
  private let instances: Int?
  /// Whether a file says that it is to go: then that does not hold the definition any more.
  private let isAskedByFile: Bool
  /// Whether a definition of it was on its way to the disk when the removal began.
  private let isBeingWritten: Bool
  /// Answered when nothing is left.
  private(set) var tickets: [Ticket]
  /// What has not ended yet, or whose log is not closed yet.
  private var left: Set<InstanceID>
  /// What could not be ended, and why.
  private var stuck: [InstanceID: String] = [:]
  /// Whether a machine of it has been forgotten already.
  private var hasBegunToGo = false
  /// The write of `processes.json` that leaves it out; nil once that is done, or was never needed.
  private(set) var save: SaveID?
  /// Why that write failed, in words.
  private var saveFailure: String?
  /// Whether the log files go too.
  private(set) var deletesLog: Bool
  /// Why they could not be deleted, in words.
  private var logFailure: String?

  /// How far it has come.
  enum Progress {
    /// Something has not ended yet, or is not written yet.
    case open
    /// Only what cannot be ended is left; those who wait are told so, and it goes on.
    case stuck([Ticket], Reply)
    /// Nothing is left.
    case over([Ticket], Reply)
  }

  /// The removal of a process of which `names` have not ended yet, or whose logs are not closed
  /// yet.
  init(
    _ definition: ProcessDefinition, _ ticket: Ticket, left names: [InstanceID], deletesLog: Bool,
    isAskedByFile: Bool, isBeingWritten: Bool
  ) {
    id = definition.serviceID
    instances = definition.instances
    tickets = [ticket]
    left = Set(names)
    self.deletesLog = deletesLog
    self.isAskedByFile = isAskedByFile
    self.isBeingWritten = isBeingWritten
  }

  /// The process is gone, and only the file still has it until `save` is done.
  init(of id: ServiceID, _ ticket: Ticket, writtenBy save: SaveID) {
    self.id = id
    instances = nil
    tickets = [ticket]
    left = []
    deletesLog = false
    isAskedByFile = false
    isBeingWritten = false
    self.save = save
  }

  /// Another client wants the same.
  /// - Returns: the names that have not ended yet and are to be told again; nil if it is too late
  ///   to have the logs deleted, because one is being closed already.
  mutating func join(_ ticket: Ticket, deletesLog: Bool) -> [InstanceID]? {
    if deletesLog, !self.deletesLog, hasBegunToGo { return nil }
    tickets.append(ticket)
    stuck = [:]
    if deletesLog { self.deletesLog = true }
    return left.sorted()
  }

  /// A machine has been forgotten, and its log is being closed.
  mutating func begins() { hasBegunToGo = true }

  /// Whether the file has to be written without it, now that its last machine is forgotten.
  /// - Parameter isInFile: whether the file holds it, as far as the supervisor has written it.
  func needsWrite(isInFile: Bool) -> Bool { (isInFile || isBeingWritten) && !isAskedByFile }

  /// The write that leaves it out.
  mutating func wait(for save: SaveID) { self.save = save }

  /// That write is done, or failed for a reason.
  mutating func saved(failure: String?) {
    save = nil
    saveFailure = failure
  }

  /// The log of a machine is closed; `failure` says why its files are still there, if they are.
  mutating func closed(_ name: InstanceID, failure: String?) {
    left.remove(name)
    if let failure { logFailure = failure }
  }

  /// A machine could not be ended.
  mutating func cannotEnd(_ name: InstanceID, _ reason: String) { stuck[name] = reason }

  /// How far it has come. Those who are told that it is stuck are told once.
  mutating func progress() -> Progress {
    if !left.isEmpty, left.allSatisfy({ stuck[$0] != nil }) {
      defer { tickets = [] }
      let message = stuck.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; ")
      return .stuck(tickets, .refused(.failure, message: message))
    }
    return save == nil && left.isEmpty ? .over(tickets, reply) : .open
  }

  private var reply: Reply {
    if let saveFailure {
      .refused(.failure, message: Messages.removedButMayComeBack(id, saveFailure))
    } else if let logFailure {
      .refused(.failure, message: Messages.removedButLogStays(id, logFailure))
    } else {
      .done(Messages.removed(id, copies: instances))
    }
  }
}
