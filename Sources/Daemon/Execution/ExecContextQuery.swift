import Basics
import Supervision
import UV

/// Finds out what a start must know and what may keep it waiting: the account of a user, the
/// variables of an environment file, the directory that a path with `..` in it leads to. Each is
/// looked at on the pool, one after the other; a definition that needs none of them has its answer
/// in the same turn.
final class ExecContextQuery {
  private let definition: ProcessDefinition
  private let inherited: Inherited
  private let mark: RunMark
  private let added: Variables
  private let loop: Loop
  private let timer: Timer
  private var work: PoolWork?
  private var then: ((Result<ExecContext, StartRefusal>) -> Void)?
  /// Whether it has answered, or was cancelled.
  var isOver: Bool { then == nil }
  /// What it is at: a field and its value.
  private var subject = ""

  /// Begins.
  /// - Parameters:
  ///   - timeout: then it has failed, with the name of the field that took so long.
  ///   - spent: how much of that has passed already.
  ///   - inherited: what the supervisor was started with.
  ///   - mark: by which processes of the run can be found.
  ///   - added: further variables of the run; a definition cannot take them.
  ///   - then: called once, unless it is cancelled; perhaps within this call.
  @discardableResult
  init(
    for definition: ProcessDefinition, inherited: Inherited,
    mark: RunMark, adding added: Variables = [:], timeout: Duration,
    spent: Duration = .zero, on loop: Loop,
    then: @escaping (Result<ExecContext, StartRefusal>) -> Void
  ) throws(UVError) {
    self.definition = definition
    self.inherited = inherited
    self.mark = mark
    self.added = added
    self.loop = loop
    self.then = then
    timer = try Timer(on: loop)
    do throws(StartRefusal) {
      try ExecContext.checkDescriptors(definition.execution)
    } catch {
      finish(.failure(error))
      return
    }
    timer.start(after: max(.zero, timeout - spent)) { [self] in
      finish(
        .failure(StartRefusal("\(subject): timed out after \(timeout.text)", isUnknown: true)))
    }
    findAccount()
  }

  /// Gives up: nothing is told of it.
  func cancel() {
    then = nil
    work?.cancel()
    work = nil
    timer.close()
  }

  private func findAccount() {
    let execution = definition.execution
    guard execution.user != nil || execution.group != nil else {
      return readFile(RunAccount.own)
    }
    let user = execution.user.map { "user '\($0)'" }
    let group = execution.group.map { "group '\($0)'" }
    find(user ?? group ?? "user", .start(place: "accounts")) { () throws(StartRefusal) in
      try RunAccount(execution)
    } then: { [self] account in
      readFile(account)
    }
  }

  private func readFile(_ account: RunAccount) {
    let execution = definition.execution
    guard let file = EnvironmentFile.path(for: execution) else {
      return findDirectory(account, [:])
    }
    find("environment_file '\(file)'", .start(place: Files.parent(of: file))) {
      () throws(StartRefusal) in
      try EnvironmentFile.variables(for: execution)
    } then: { [self] variables in
      findDirectory(account, variables)
    }
  }

  private func findDirectory(_ account: RunAccount, _ file: Variables) {
    switch inherited.directory(of: definition.execution) {
    case .known(let directory): tell(account, file, directory)
    case .linked(let path):
      find("working_dir '\(definition.execution.workingDirectory ?? path)'", .start(place: path)) {
        () throws(StartRefusal) in
        SystemString(bytes: Files.resolvingLinks(path).systemBytes)
      } then: { [self] directory in
        tell(account, file, directory)
      }
    }
  }

  private func tell(_ account: RunAccount, _ file: Variables, _ directory: SystemString?) {
    finish(
      .success(
        ExecContext(
          of: definition, account: account, file: file, directory: directory,
          inherited: inherited, mark: mark, adding: added)))
  }

  private func find<Value: Sendable>(
    _ subject: String, _ lane: PoolLane,
    _ body: @escaping @Sendable () throws(StartRefusal) -> Value,
    then: @escaping (Value) -> Void
  ) {
    self.subject = subject
    work = PoolWork.run(on: loop, lane) {
      Result { () throws(StartRefusal) in try body() }
    } then: { [self] result in
      work = nil
      switch result {
      case .success(let value): then(value)
      case .failure(let refusal): finish(.failure(refusal))
      }
    }
  }

  private func finish(_ result: Result<ExecContext, StartRefusal>) {
    let then = self.then
    cancel()
    then?(result)
  }
}
