/// Finds the name that was probably meant.
package enum NearestName {
  /// The known name that `name` is nearest to, nil if none is near.
  ///
  /// Case, `_` and `-` do not count (`workingDir`); a beginning of three letters or more is near
  /// (`env`); else at most a third of the letters may differ.
  package static func of(_ name: String, among known: [String]) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let letters = Self.letters(of: name)
    let distances = known.map { candidate in
      (name: candidate, distance: distance(letters, Self.letters(of: candidate)))
    }
    let nearest = distances.min { $0.distance < $1.distance }
    if let nearest, nearest.distance <= letters.count / 3 { return nearest.name }
    guard letters.count >= 3 else { return nil }
    return known.first { candidate in Self.letters(of: candidate).starts(with: letters) }
  }

  private static func letters(of name: String) -> [UInt8] {
    name.lowercased().utf8.filter { byte in byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") }
  }

  /// The letters to insert, delete, replace or swap with their neighbour to make one of the other
  /// (optimal string alignment).
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...other.count)
    for row in one.indices {
      var current = [row + 1]
      for column in other.indices {
        let isSame = one[row] == other[column]
        var best = min(
          previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
          best = min(best, beforePrevious[column - 1] + 1)
        }
        current.append(best)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[other.count]
  }
}
