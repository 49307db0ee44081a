import Glibc

/// A null-terminated array of C strings, as `execve(2)` wants it.
struct CStrings {
  /// The array.
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  /// Copies the strings; ``free()`` gives them back.
  init(_ strings: [SystemString]) {
    count = strings.count
    pointer = .allocate(capacity: count + 1)
    pointer.initialize(repeating: nil, count: count + 1)
    for (index, string) in strings.enumerated() {
      pointer[index] = string.withCString { strdup($0) }
    }
  }

  /// Copies texts, as UTF-8.
  init(_ texts: [String]) {
    self.init(texts.map { SystemString($0) })
  }

  /// The first string, if there is one.
  var first: UnsafeMutablePointer<CChar>? { pointer[0] }

  /// Frees the strings and the array.
  func free() {
    for index in 0..<count { Glibc.free(pointer[index]) }
    pointer.deallocate()
  }
}
