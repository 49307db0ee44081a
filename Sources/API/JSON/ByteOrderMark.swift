/// The three bytes that some editors put in front of UTF-8. They mean nothing, and are passed over
/// in every file and body.
package enum ByteOrderMark {
  /// The bytes behind the mark; all of them where there is none.
  package static func passedOver(in bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
  }

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
