import Supervision
import UV

/// All that is executed beside the runs, noted in the run state until nothing of it is left.
final class HelperCommands {
  private let context: DaemonContext
  private let parts: Parts
  private var present: [UInt64: HelperCommand] = [:]
  /// Hears of those that outlived `SIGKILL`: the process, and who of it.
  var onOutlived: ((String, [Survivor]) -> Void)?
  /// What waits until nothing is executed any more.
  private var endWaiters: [() -> Void] = []

  /// What commands are executed with.
  struct Parts {
    /// What every child is given to begin with.
    let inherited: Inherited
    let journal: RunStateJournal
    /// Reads the output of children.
    let reader: OutputScheduler
    let orphanTracker: OrphanTracker
    let scopeWatch: ScopeWatch
  }

  init(_ context: DaemonContext, _ parts: Parts) {
    self.context = context
    self.parts = parts
  }

  /// Whether nothing is executed, except commands that cannot be killed.
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
  ///   - onEnd: called once, from the loop and never inside of this call, when nothing of it is
  ///     left.
  /// Throws what the system lacks.
  func start(
    _ order: Order, onLine: @escaping (HelperCommand.Line) -> Void,
    onEnd: @escaping (HelperCommand.End) -> Void
  ) throws(UVError) -> HelperCommand {
    let mark = parts.journal.intendHelper(for: order.definition.id)
    do throws(UVError) {
      let helper = try HelperCommand(
        order, mark: mark, context, parts, observer: observer, onLine: onLine
      ) { [self] end in
        onEnd(end)
        callEndWaitersIfIdle()
      }
      present[mark.number] = helper
      return helper
    } catch {
      parts.journal.ended(mark.number)
      throw error
    }
  }

  private var observer: HelperCommand.Observer {
    HelperCommand.Observer(
      onProcess: { [weak self] helper, pid, startTime in
        self?.parts.journal.began(helper.journalNumber, leader: pid, startTime: startTime)
      },
      onGone: { [weak self] helper in
        self?.present[helper.journalNumber] = nil
        self?.parts.journal.ended(helper.journalNumber)
      },
      // It stays in the run state: the next supervisor tries again.
      onOutlived: { [weak self] in self?.onOutlived?($0.process, $1) })
  }

  /// Stops or goes on reading what is executed for a process, as its log says.
  func setCongested(_ isCongested: Bool, process: String) {
    for helper in present.values where helper.process == process {
      helper.setCongested(isCongested)
    }
  }

  /// Kills all that is executed.
  /// - Parameter then: called once nothing is, except commands that cannot be killed; perhaps
  ///   within this call.
  func cancelAll(then: @escaping () -> Void) {
    endWaiters.append(then)
    for helper in present.values { helper.cancel() }
    callEndWaitersIfIdle()
  }

  private func callEndWaitersIfIdle() {
    guard isIdle else { return }
    let waiters = endWaiters
    endWaiters = []
    for then in waiters { then() }
  }

  /// Lets go of the commands that could not be killed.
  func close() {
    for helper in present.values { helper.close() }
    present = [:]
  }
}
