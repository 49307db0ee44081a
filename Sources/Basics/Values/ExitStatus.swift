/// How a process ended, as `waitpid(2)` tells it.
package enum ExitStatus: Hashable, Sendable {
  /// It returned from `main` or called `exit` with this code, 0 to 255; -1 if its status was lost
  /// because other code of this process took it first.
  case code(Int32)
  /// This signal ended it.
  case signal(Signal)
}
