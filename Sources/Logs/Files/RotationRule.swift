/// When the live file is rotated.
struct RotationRule {
  /// How large the live file was when a rotation failed; nil if the last one did not.
  private(set) var refusedAt: Int?

  /// The size at which the live file is rotated; nil: never. After a rotation that failed it is
  /// tried again when as much again has been written, not with every line.
  func size(_ limits: LogLimits) -> Int? {
    guard limits.maxBytes > 0 else { return nil }
    guard let refused = refusedAt else { return limits.maxBytes }
    return max(limits.maxBytes, refused + limits.maxBytes)
  }

  mutating func refuse(at size: Int) { refusedAt = size }

  /// A rotation was possible, or the file is another one now.
  mutating func forgetRefusal() { refusedAt = nil }
}
