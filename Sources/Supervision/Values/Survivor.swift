/// A process that outlived `SIGKILL`.
package struct Survivor: Hashable, Sendable {
  package var pid: Int32
  /// The name of its program, as the kernel has it.
  package var name: String

  package init(pid: Int32, name: String) {
    self.pid = pid
    self.name = name
  }
}

extension Survivor {
  /// `4711 (postgres), 4712 (sh)`; of many, the first ten.
  package static func list(_ survivors: [Survivor]) -> String {
    let shown = survivors.prefix(10).map { "\($0.pid) (\($0.name))" }.joined(separator: ", ")
    return survivors.count > 10 ? "\(shown) and \(survivors.count - 10) more" : shown
  }
}
