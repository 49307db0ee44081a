/// A process that is to be added once its definition is on disk. Its id is taken, but nobody sees
/// it yet.
struct Addition {
  let definition: ProcessDefinition
  let ticket: Ticket
  /// The write that holds the definition.
  let save: SaveID
}
