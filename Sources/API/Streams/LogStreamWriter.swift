package import Basics
package import HTTP

/// Writes what a stream of a log sends, in one of its forms.
package struct LogStreamWriter {
  private let format: StreamFormat

  package init(_ format: StreamFormat) {
    self.format = format
  }

  /// What comes before the stream.
  package var head: Response {
    var headers = Answers.headers
    headers.set("Content-Type", format.contentType)
    headers.add("X-Accel-Buffering", "no")
    return Response(.ok, headers: headers)
  }

  /// What is sent at once: a proxy waits for the first bytes.
  package var beginning: [UInt8] {
    format == .events ? Array("retry: 2000\n: exeio\n\n".utf8) : []
  }

  /// What tells a client that has heard nothing for a while that the stream is there.
  package var comment: [UInt8] { format == .events ? Array(":\n\n".utf8) : [] }

  /// Lines of a log.
  ///
  /// - Parameter epoch: of their numbers.
  package func lines(_ lines: some Sequence<LogLine>, epoch: UInt32) -> [UInt8] {
    var writer = JSONWriter(capacity: 4096)
    let id = "id: \(LogCursor.text(of: epoch))-"
    for line in lines {
      switch format {
      case .events:
        writer.append(id)
        writer.append(decimal: line.number)
        writer.append("\ndata: ")
        writer.line(line)
        writer.append("\n\n")
      case .ndjson:
        writer.line(line)
        writer.append("\n")
      case .text:
        writer.append(line.text)
        writer.append("\n")
      }
    }
    return writer.bytes
  }

  /// All that was there has been sent; what follows is new.
  ///
  /// - Parameter newest: the newest line; its number is 0 if there is none.
  package func live(_ newest: LogCursor) -> [UInt8] {
    event("live", id: newest.epoch == nil ? nil : newest) { writer in
      writer.name("seq")
      writer.integer(newest.number)
    }
  }

  /// Lines that are not sent.
  ///
  /// - Parameters:
  ///   - from: the number of the first one; nil if the numbering is another one.
  ///   - to: the last one, behind which the stream goes on.
  package func gap(from: Int?, to: LogCursor, reason: String) -> [UInt8] {
    event("gap", id: to.epoch == nil ? nil : to) { writer in
      writer.name("from")
      writer.optional(from) { $0.integer($1) }
      writer.name("to")
      writer.integer(to.number)
      writer.name("lines")
      writer.optional(from) { $0.integer(to.number - $1 + 1) }
      writer.name("reason")
      writer.string(reason)
    }
  }

  /// The stream ends, and why.
  package func end(_ reason: StreamEnd) -> [UInt8] {
    event("end", id: nil) { writer in
      writer.name("reason")
      writer.string(reason.rawValue)
    }
  }

  private func event(
    _ name: String, id: LogCursor?, _ fields: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var writer = JSONWriter()
    switch format {
    case .text: return []
    case .events:
      writer.append("event: \(name)\n")
      if let id { writer.append("id: \(id)\n") }
      writer.append("data: ")
      writer.beginObject()
    case .ndjson:
      writer.beginObject()
      writer.name("event")
      writer.string(name)
    }
    fields(&writer)
    writer.endObject()
    writer.append(format == .events ? "\n\n" : "\n")
    return writer.bytes
  }
}

/// Why a stream ends.
package enum StreamEnd: String, Sendable {
  /// The process has been removed.
  case removed
  /// The supervisor stops.
  case shutdown
  /// As many lines have been sent as were asked for.
  case limit
  /// The key is not right any more.
  case key
}

extension JSONWriter {
  /// `{"seq":48211,"time":"2026-01-31T10:31:02Z","stream":"stdout","run":3,"text":"…"}`. What a
  /// line does not say is null.
  fileprivate mutating func line(_ line: LogLine) {
    append("{\"seq\":")
    append(decimal: line.number)
    append(",\"time\":")
    if let time = line.time {
      append("\"")
      // A space stands where RFC 3339 has a T.
      for byte in time { append(byte: byte == UInt8(ascii: " ") ? UInt8(ascii: "T") : byte) }
      append("Z\"")
    } else {
      append("null")
    }
    append(",\"stream\":")
    append(line.stream.map { "\"\($0.rawValue)\"" } ?? "null")
    append(",\"run\":")
    if let run = line.run { append(decimal: run) } else { append("null") }
    append(",\"text\":\"")
    append(contentOf: line.text)
    append("\"}")
  }
}
