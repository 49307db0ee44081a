package import API

/// What `exeio key` is to do.
package struct KeyCommand: Equatable {
  package var action: Action
  /// Where the keys are, before any default.
  var settings: Settings

  /// One of the three things that can be done.
  package enum Action: Equatable {
    case add(name: String, Role)
    case list(asJSON: Bool)
    case remove(name: String)
  }
}
