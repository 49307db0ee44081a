import Basics

extension LogLine {
  /// Takes a line apart as it stands in the file, without its newline.
  init(_ line: ArraySlice<UInt8>, number: Int) {
    let parts = line.withUnsafeBytes { bytes in
      bytes.baseAddress.map { LineParts($0, bytes.count) }
    }
    guard let parts, let stream = parts.stream,
      let close = line.firstIndex(of: UInt8(ascii: "]")),
      Self.isTime(line[(line.startIndex + 1)..<close])
    else {
      self.init(number: number, time: nil, stream: nil, run: nil, text: line)
      return
    }
    let message = line.startIndex + parts.message
    self.init(
      number: number, time: line[(line.startIndex + 1)..<close], stream: stream,
      run: Self.run(in: line[(close + 2)..<message]), text: line[message...])
  }

  /// Whether it is `YYYY-MM-DD HH:MM:SS`, in digits.
  private static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == timeForm.count
      && zip(text, timeForm).allSatisfy { $1 == UInt8(ascii: "0") ? $0.isDigit : $0 == $1 }
  }

  private static let timeForm = Array("0000-00-00 00:00:00".utf8)

  /// The number in `RUN#3 STDOUT: `; nil if there is none.
  private static func run(in label: ArraySlice<UInt8>) -> Int? {
    let name = "RUN#".utf8
    guard label.starts(with: name) else { return nil }
    let digits = label.dropFirst(name.count).prefix { $0.isDigit }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
