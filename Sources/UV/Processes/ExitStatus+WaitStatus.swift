import Basics

extension ExitStatus {
  /// What `waitpid(2)` gives, as the C macros `WIFEXITED` … read it.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7F
    self = signal == 0 ? .code((waitStatus >> 8) & 0xFF) : .signal(Signal(number: signal))
  }
}
