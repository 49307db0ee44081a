/// Whether a process that ended by itself is started again.
package enum RestartPolicy: String, Hashable, Sendable, CaseIterable {
  case always
  /// Only after a signal or an exit code that is not one of the definition's success codes.
  case onFailure = "on-failure"
  case never
}
