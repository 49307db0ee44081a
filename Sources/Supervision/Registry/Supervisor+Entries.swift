extension Supervisor {
  /// How many processes there are; each copy is one.
  package var processCount: Int { machines.count }

  /// All processes, sorted by id; each copy by itself.
  package func entries(at now: Moment) -> [ProcessEntry] {
    machines.values.map { $0.entry(at: now) }.sorted { $0.definition.id < $1.definition.id }
  }

  /// One process or one copy, by its own name; nil if there is none. A process with copies is none itself: see
  /// `entries(ofService:at:)`.
  package func entry(_ name: String, at now: Moment) -> ProcessEntry? {
    machines[InstanceID(name)]?.entry(at: now)
  }

  /// What runs for a process, in the order of the copies, with those that are being ended last; empty if there
  /// is no process of that id.
  package func entries(ofService id: String, at now: Moment) -> [ProcessEntry] {
    (services[ServiceID(id)]?.names ?? []).compactMap { machines[$0]?.entry(at: now) }
  }

  /// The definition of a process, as it was added; nil if there is none of that id. A copy has none of its own.
  package func definition(ofService id: String) -> ProcessDefinition? {
    services[ServiceID(id)]?.definition
  }

  /// The file of `processes.d` in which a process is defined; nil where there is none.
  package func fragment(ofService id: String) -> String? {
    services[ServiceID(id)]?.fragment
  }

  /// The names of the logs and runs that `id` stands for: of one process or copy, its own; of a process with
  /// copies, theirs; nil if there is nothing of that id.
  package func runNames(of id: String) -> [String]? {
    targets(of: id)?.map(\.rawValue)
  }

  /// Why an id is not enough where one run or log is meant: it has several copies, in words; nil where it is.
  package func whyAmbiguous(_ id: String) -> String? {
    guard let names = targets(of: id), names.count > 1 else { return nil }
    return Messages.severalCopies(id, names)
  }

  /// The run of a process or copy whose leader is alive; nil if none is. A process with a single copy stands for
  /// that.
  package func run(of id: String) -> RunID? {
    guard let names = targets(of: id), names.count == 1 else { return nil }
    return machines[names[0]]?.liveRun?.id
  }
}
