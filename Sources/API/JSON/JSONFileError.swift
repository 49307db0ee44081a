/// Why a file of JSON can't be used: the file, the place in it and what is wrong there.
package struct JSONFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `/etc/exeio/processes.json, line 3, column 5: expected ',' or ']', found 'x'`, or
  /// `/etc/exeio/processes.json, line 9, column 13: [2] (id "web"): "args" must be an array of
  /// strings, not a number`.
  package let description: String

  init(_ description: String) {
    self.description = description
  }

  init(_ name: String, _ place: JSONPlace?, _ message: String) {
    self.init("\(name)\(place.map { ", \($0)" } ?? ""): \(message)")
  }
}
