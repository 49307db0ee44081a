/// A process that is gone, and whose definition is to leave the disk. Its id is still taken.
struct Removal: AwaitsSave {
  /// Answered when the definition is gone from the disk.
  var tickets: [Ticket]
  /// The write that leaves it out.
  let save: SaveID
}
