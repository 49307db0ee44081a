extension Duration {
  /// `2s`, or `0.5s` where it is not whole.
  package var text: String { Messages.seconds(self) }
}
