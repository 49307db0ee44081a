/// A definition on the heap, where it never changes: it is large, and a dictionary of machines
/// keeps room for more of them than there are.
final class SharedDefinition {
  let value: ProcessDefinition

  init(_ value: ProcessDefinition) {
    self.value = value
  }
}
