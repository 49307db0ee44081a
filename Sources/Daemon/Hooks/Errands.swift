import Supervision
import UV

/// All that is executed beside the runs, noted in the run state until nothing of it is left.
final class Errands {
  private let loop: Loop
  private let reader: OutputScheduler
  private let strays: Strays
  private let scopeWatch: ScopeWatch
  private let journal: RunStateJournal
  private let inherited: Inherited
  private var present: [UInt64: Errand] = [:]
  /// Hears of those that outlived `SIGKILL`: the process, and who of it.
  var onOutlived: ((String, [Survivor]) -> Void)?
  /// Called when nothing is executed any more.
  var onAllEnded: (() -> Void)?

  init(
    on loop: Loop, reader: OutputScheduler, strays: Strays, scopeWatch: ScopeWatch,
    journal: RunStateJournal, inherited: Inherited
  ) {
    self.loop = loop
    self.reader = reader
    self.strays = strays
    self.scopeWatch = scopeWatch
    self.journal = journal
    self.inherited = inherited
  }

  /// Whether nothing is executed, but for what nobody can end.
  var isIdle: Bool { present.values.allSatisfy(\.isOver) }

  /// What is to be executed.
  struct Order {
    let definition: ProcessDefinition
    let commandLine: [String]
    /// Beside those of the process.
    var variables: Variables = [:]
    /// Of the definition, for errors: where the command line stands.
    let field: String
    /// How long it may take from when it is executed.
    let timeout: Duration
  }

  /// Starts a command. What keeps it from being executed is told as its end.
  /// - Parameters:
  ///   - onLine: gets each line of its output.
  ///   - onEnd: called once, from the loop and never inside of this call, when nothing of it is left.
  /// Throws what the system lacks.
  func start(
    _ order: Order, onLine: @escaping (Errand.Line) -> Void, onEnd: @escaping (Errand.End) -> Void
  ) throws(UVError) -> Errand {
    let (number, marker) = journal.intendErrand(for: order.definition.id)
    do throws(UVError) {
      let errand = try Errand(
        order, journalNumber: number, marker: marker, inherited: inherited, on: loop,
        reader: reader, scopeWatch: scopeWatch, strays: strays, observer: observer, onLine: onLine
      ) { [self] end in
        onEnd(end)
        if isIdle { onAllEnded?() }
      }
      present[number] = errand
      return errand
    } catch {
      journal.ended(number)
      throw error
    }
  }

  private var observer: Errand.Observer {
    Errand.Observer(
      onProcess: { [weak self] errand, pid, startTime in
        self?.journal.began(errand.journalNumber, leader: pid, startTime: startTime)
      },
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
