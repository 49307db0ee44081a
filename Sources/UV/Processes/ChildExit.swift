/// How a child ended.
package enum ChildExit: Equatable, Sendable {
  /// By itself, with that exit code; -1 when other code has taken the status.
  case code(Int32)
  /// By that signal.
  case signal(Int32)

  /// What `waitpid(2)` gives, as the C macros `WIFEXITED` … read it.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7F
    self = signal == 0 ? .code((waitStatus >> 8) & 0xFF) : .signal(signal)
  }
}
