/// Why a file of JSON can't be used: the file, the place in it and what is wrong there.
package struct JSONFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `/etc/exeio/processes.json, line 3, column 5: expected ',' or ']', found 'x'`, or
  /// `/etc/exeio/processes.json: [2] (id "web"): "args" must be an array of strings, not a number`.
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
