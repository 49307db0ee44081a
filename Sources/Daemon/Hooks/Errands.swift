import Supervision
import UV

/// All that is executed beside the runs, noted in the run state until nothing of it is left.
final class Errands {
  private let loop: Loop
  private let reader: OutputScheduler
  private let strays: Strays
  private let scopeWatch: ScopeWatch
  private let journal: RunStateJournal
  private var present: [UInt64: Errand] = [:]
  /// Hears of those that outlived `SIGKILL`: the process, and who of it.
  var onOutlived: ((String, [Survivor]) -> Void)?
  /// Called when nothing is executed any more.
  var onAllEnded: (() -> Void)?

  init(
    on loop: Loop, reader: OutputScheduler, strays: Strays, scopeWatch: ScopeWatch,
    journal: RunStateJournal
  ) {
    self.loop = loop
    self.reader = reader
    self.strays = strays
    self.scopeWatch = scopeWatch
    self.journal = journal
  }

  /// Whether nothing is executed, but for what nobody can end.
  var isIdle: Bool { present.values.allSatisfy(\.isOver) }

  /// Starts a command.
  /// - Parameters:
  ///   - process: the process that it is executed for.
  ///   - makeOptions: how it is started, with the mark that it is to carry.
  ///   - onLine: gets each line of its output.
  ///   - onEnd: called once, from the loop, when nothing of it is left.
  /// Throws `StartRefusal` or `UVError`: it could not be started.
  func start(
    for process: String, timeout: Duration,
    _ makeOptions: (_ marker: (name: String, value: String)) throws -> SpawnOptions,
    onLine: @escaping (String) -> Void, onEnd: @escaping (Errand.End) -> Void
  ) throws -> Errand {
    let (number, marker) = journal.intendErrand(for: process)
    do {
      let errand = try Errand(
        try makeOptions(marker), process: process, journalNumber: number, mark: marker.value,
        timeout: timeout, on: loop, reader: reader, scopeWatch: scopeWatch, strays: strays,
        observer: observer, onLine: onLine
      ) { [self] end in
        onEnd(end)
        if isIdle { onAllEnded?() }
      }
      present[number] = errand
      journal.began(number, leader: errand.pid, startTime: errand.startTime)
      return errand
    } catch {
      journal.ended(number)
      throw error
    }
  }

  private var observer: Errand.Observer {
    Errand.Observer(
      onGone: { [weak self] errand in
        self?.present[errand.journalNumber] = nil
        self?.journal.ended(errand.journalNumber)
      },
      // It stays in the run state: the next supervisor tries again.
      onOutlived: { [weak self] in self?.onOutlived?($0.process, $1) })
  }

  /// Stops or goes on reading what is executed for a process, as its log says.
  func setCongested(_ isCongested: Bool, process: String) {
    for errand in present.values where errand.process == process {
      errand.setCongested(isCongested)
    }
  }

  /// Kills all that is executed.
  func cancelAll() {
    for errand in present.values { errand.cancel() }
  }

  /// Lets go of what nobody could end.
  func close() {
    for errand in present.values { errand.close() }
    present = [:]
  }
}
