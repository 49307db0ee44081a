/// What a part of the room keeps for each loop, and ends with it. The loop does not know which
/// parts there are.
protocol LoopPart: AnyObject {
  /// Made by the first who asks a loop for it.
  init(on loop: Loop)

  /// The loop is being closed.
  func close()
}
