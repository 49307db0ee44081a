import Basics

/// What the API shows.
extension Supervisor {
  /// How many processes there are; each copy is one.
  package var processCount: Int { machines.count }

  /// All processes, sorted by id; each copy by itself.
  package func entries(at now: Moment) -> [ProcessEntry] {
    machines.values.map { $0.entry(at: now) }.sorted { $0.definition.id < $1.definition.id }
  }

  /// One process or one copy, by its own name; nil if there is none. A process with copies is none
  /// itself: see `entries(ofService:at:)`.
  package func entry(_ name: String, at now: Moment) -> ProcessEntry? {
    machines[InstanceID(name)]?.entry(at: now)
  }

  /// What runs for a process, in the order of the copies, with those that are being ended last;
  /// empty if there is no process of that id.
  package func entries(ofService id: String, at now: Moment) -> [ProcessEntry] {
    (services[ServiceID(id)]?.names ?? []).compactMap { machines[$0]?.entry(at: now) }
  }

  /// The definition of a process, as it was added; nil if there is none of that id. A copy has none
  /// of its own.
  package func definition(ofService id: String) -> ProcessDefinition? {
    services[ServiceID(id)]?.definition
  }

  /// The file of `processes.d` in which a process is defined; nil if there is none.
  package func fragment(ofService id: String) -> String? {
    services[ServiceID(id)]?.fragment
  }

  /// The names of the logs and runs that `id` stands for: of one process or copy, its own; of a
  /// process with copies, theirs; nil if there is nothing of that id.
  package func runNames(of id: String) -> [String]? {
    targets(of: id)?.map(\.rawValue)
  }

  /// Why an id is not enough where one run or log is meant: it has several copies, in words; nil
  /// where it is.
  package func whyAmbiguous(_ id: String) -> String? {
    guard let names = targets(of: id), names.count > 1 else { return nil }
    return Messages.severalCopies(id, names)
  }

  /// The run of a process or copy whose leader is alive; nil if none is. A process with a single
  /// copy stands for that.
  package func run(of id: String) -> RunID? {
    guard let names = targets(of: id), names.count == 1 else { return nil }
    return machines[names[0]]?.liveRun?.id
  }

  /// The latest runs of a process or copy, newest first, with the one that goes on; nil if there is
  /// none of that name, or several copies.
  package func runs(of id: String, at now: Moment) -> [RunRecord]? {
    guard let names = targets(of: id), names.count == 1 else { return nil }
    return machines[names[0]]?.runs(at: now)
  }

  /// The processes that were loaded and cannot be started as they are defined, by id, with the
  /// reason in words.
  package var faults: [String: String] {
    var faults: [String: String] = [:]
    for id in faulty { faults[id.rawValue] = services[id]?.fault }
    return faults
  }

  /// How many processes have each status, each copy by itself; none that no process has.
  package var statusCounts: [ProcessStatus: Int] {
    machines.values.reduce(into: [:]) { counts, machine in
      counts[machine.status, default: 0] += 1
    }
  }

  /// How long it may take, from now on and at the most, until nothing runs any more once everything
  /// is to end: every signal is given its time, and nothing is waited for after that. What others
  /// depend on ends after them.
  package func longestEnd(at now: Moment) -> Duration {
    let (sorted, rest) = DependencyGraph(services.values.map(\.definition)).order
    var longest: [ServiceID: Duration] = [:]
    // From the last one that is started, which ends first, to the first one.
    for id in (sorted + rest).reversed() {
      let before = (dependents[id] ?? []).compactMap { longest[$0] }.max() ?? .zero
      let ends = (services[id]?.names ?? []).compactMap { machines[$0] }.map { machine in
        machine.longestEnd(at: now) + (machine.isUp ? before : .zero)
      }
      longest[id] = max(before, ends.max() ?? .zero)
    }
    return longest.values.max() ?? .zero
  }
}
