/// One message that a process has sent to a ``NotifyListener``.
package struct NotifyMessage: Equatable, Sendable {
  /// Its lines: `NAME=value`.
  package let bytes: [UInt8]
  /// Who sent it, as the kernel says: only the superuser can name another process than itself. Zero
  /// for one of another PID namespace, and where the kernel had no room to say it.
  package let pid: Int32
  /// The user that the sender was.
  package let user: UInt32

  /// A message.
  package init(bytes: [UInt8], pid: Int32, user: UInt32) {
    self.bytes = bytes
    self.pid = pid
    self.user = user
  }

  /// The longest that is taken, in bytes, as systemd has it.
  package static let longest = 4096
}
