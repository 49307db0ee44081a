import Basics

/// Reads a chunked body: checks its framing byte by byte, which http-parser leaves undone (it takes
/// any bytes for the line ends after a size and after a chunk), and hands it to the parser.
struct ChunkedBody {
  private enum State {
    /// In the hexadecimal digits of a size, so many of them read.
    case size(digits: Int)
    /// In the extensions after a size, so many bytes of them read; they are ignored.
    case chunkExtension(bytes: Int)
    /// After the CR of the size line.
    case sizeLineFeed
    /// In a chunk, so many bytes to come.
    case data(remaining: Int)
    /// Before the CR or the LF that end a chunk.
    case dataCarriageReturn, dataLineFeed
    /// After the last chunk: in the trailer fields, which are read and ignored.
    case trailers
  }

  /// More digits than any size that fits the limit, and fewer than overflow an `Int`.
  private static let mostSizeDigits = 15
  /// More than any extension that is in use.
  private static let mostExtensionBytes = 256

  private var state = State.size(digits: 0)
  private var trailers: HeadScanner
  private let limits: ServerLimits

  init(limits: ServerLimits) {
    self.limits = limits
    self.trailers = HeadScanner(trailersWithin: limits)
  }

  /// Reads on from `position` and moves it; true once the body has been read to its end, with the
  /// position right after it. Throws what to answer at the first byte that is wrong.
  mutating func read(
    _ input: UnsafeRawBufferPointer, from position: inout Int, into parser: MessageParser
  ) throws(Refusal) -> Bool {
    // What the parser has not seen of the line under way.
    var unread = position
    while position < input.count {
      switch state {
      case .size, .chunkExtension, .sizeLineFeed, .dataCarriageReturn, .dataLineFeed:
        let endsLine = try step(input[position])
        position += 1
        if endsLine {
          try feed(input[unread..<position], to: parser)
          unread = position
          try beginChunk(parser)
        }
      case .data(let remaining):
        let end = position + min(remaining, input.count - position)
        try feed(input[unread..<end], to: parser)
        state =
          end - position == remaining
          ? .dataCarriageReturn
          : .data(
            remaining: remaining - (end - position))
        position = end
        unread = end
      case .trailers:
        guard try trailers.scan(input, from: &position) else { return false }
        try feedLastLine(to: parser)
        return true
      }
    }
    try feed(input[unread..<position], to: parser)
    return false
  }

  /// One byte of the framing; true when it ended a size line.
  private mutating func step(_ byte: UInt8) throws(Refusal) -> Bool {
    switch state {
    case .size(let digits):
      if byte.hexadecimalValue != nil {
        guard digits < Self.mostSizeDigits else { throw .badRequest("a chunk size is too long") }
        state = .size(digits: digits + 1)
      } else if digits > 0, byte == .carriageReturn {
        state = .sizeLineFeed
      } else if digits > 0, byte == UInt8(ascii: ";") {
        state = .chunkExtension(bytes: 0)
      } else {
        throw .badRequest("a bad chunk size: it must be hexadecimal and end with CR LF")
      }
    case .chunkExtension(let bytes):
      if byte == .carriageReturn {
        state = .sizeLineFeed
      } else if byte.isFieldValueCharacter, bytes < Self.mostExtensionBytes {
        state = .chunkExtension(bytes: bytes + 1)
      } else {
        throw .badRequest("a bad chunk extension")
      }
    case .sizeLineFeed:
      guard byte == .lineFeed else { throw .badRequest("a CR that is not followed by LF") }
      return true
    case .dataCarriageReturn:
      guard byte == .carriageReturn else { throw Self.badEnd }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == .lineFeed else { throw Self.badEnd }
      state = .size(digits: 0)
    case .data, .trailers:
      preconditionFailure("no framing here: \(state)")
    }
    return false
  }

  private static var badEnd: Refusal {
    .badRequest("a chunk is not followed by CR LF where its size says that it ends")
  }

  private mutating func beginChunk(_ parser: MessageParser) throws(Refusal) {
    guard let length = parser.chunkLength else {
      throw .badRequest("a bad chunk size")
    }
    parser.chunkLength = nil
    guard length <= limits.bodyBytes, parser.body.count + Int(length) <= limits.bodyBytes else {
      throw Refusal(
        status: .contentTooLarge, message: "the body is larger than \(limits.bodyBytes) bytes",
        isMidMessage: true)
    }
    state = length == 0 ? .trailers : .data(remaining: Int(length))
  }

  private func feed(
    _ bytes: Slice<UnsafeRawBufferPointer>, to parser: MessageParser
  ) throws(Refusal) {
    try parser.read(UnsafeRawBufferPointer(rebasing: bytes))
  }

  /// The parser sees no trailers, only the empty line: no field of theirs can have an effect.
  private func feedLastLine(to parser: MessageParser) throws(Refusal) {
    var lineEnd = (UInt8.carriageReturn, UInt8.lineFeed)
    var failure: Refusal?
    withUnsafeBytes(of: &lineEnd) { bytes in
      do throws(Refusal) { try parser.read(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
