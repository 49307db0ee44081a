/// What became of the key of a request.
package enum KeyVerdict: Hashable, Sendable {
  /// No key was looked at: the route needs none, or nothing is answered at present.
  case unchecked
  case missing
  case wrong
  /// It came too soon after too many wrong ones.
  case tooSoon
  /// It may be right, but the named keys cannot be read at present.
  case unusable
  case right(Caller)

  /// The name of the key, where it is right.
  package var name: String? {
    if case .right(let caller) = self { return caller.name }
    return nil
  }

  /// Whether the values of environments, which may be secrets, are kept from the client.
  package var hidesEnvironment: Bool {
    if case .right(let caller) = self { return caller.role == .read }
    return true
  }
}
