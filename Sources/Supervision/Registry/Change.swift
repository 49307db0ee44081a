/// A definition that takes effect once it is on disk. Until then no client sees it, but its names
/// are taken.
struct Change {
  let definition: ProcessDefinition
  let ticket: Ticket
  let kind: Kind
  /// The write that holds the definition.
  let save: SaveID

  enum Kind {
    case addition
    case update
    case scaling
  }
}
