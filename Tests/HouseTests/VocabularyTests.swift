import Foundation
import Testing

/// One thing has one name, and that is the field's: the names of the first edition do not come
/// back.
struct VocabularyTests {
  private let tree = SourceTree()

  /// By a word that no identifier may have as a part: the one to use.
  private static let retiredWords = [
    "errand": "helper command", "errands": "helper commands",
    "stray": "orphan", "strays": "orphans",
    "pen": "cursor", "turnstile": "limiter",
    "surroundings": "ExecContext",
    "book": "sockets, samples: what it holds", "keeper": "trimmer",
    "gathering": "fan-out", "gatherings": "fan-outs",
    "asker": "requester", "askers": "requesters",
    "obey": "applyGoal", "obeys": "applyGoal", "hasten": "escalateStop",
    "town": "services", "happening": "event", "happenings": "events",
    "situation": "state", "situations": "states",
  ]

  /// By an identifier that is not used: the one to use.
  private static let retiredNames = [
    "Words": "Messages", "Turn": "EventContext", "Question": "PendingReply",
    "Gate": "StartCondition or RequestFilter", "Rest": "BatchDelay, Remainder, Remaining",
    "Tick": "CoalescingTimer", "Carry": "LineRemainder", "carry": "remainder",
    "OwnLog": "SupervisorLog", "ownLog": "supervisorLog",
    "logOwn": "logSupervisor", "LineCutter": "LineSplitter",
    "inbox": "replies", "hear": "resume", "settle": "finishCall", "touched": "dirty",
    "standDown": "disarmWatches", "executeAnew": "restartForNewDefinition",
    "becomePlain": "unschedule", "turnOver": "nextBuffer", "putDown": "commit",
  ]

  @Test(arguments: ["Sources", "Tests"])
  func noRetiredWordIsAPartOfAName(folder: String) throws {
    // Most names stand in many places.
    var known: Set<String> = []
    for file in try tree.swiftFiles(in: folder) where file.path != Self.path {
      for (number, code) in file.codeLines {
        for name in Self.names(in: code) where !known.contains(name) {
          let better =
            Self.retiredNames[name]
            ?? Self.parts(of: name).compactMap { Self.retiredWords[$0] }.first
          guard let better else {
            known.insert(name)
            continue
          }
          Issue.record("\(file.path):\(number): '\(name)' is called otherwise: \(better)")
        }
      }
    }
  }

  /// The words of a comment that leave the actor open. The user `nobody` is meant where it is
  /// quoted.
  private static let vagueWords: Set<String> = ["somebody", "nobody", "whoever", "anybody", "anew"]

  @Test(arguments: ["Sources", "Tests"])
  func commentsNameTheirActors(folder: String) throws {
    for file in try tree.swiftFiles(in: folder) + tree.headers(in: folder)
    where file.path != Self.path {
      for (number, comment) in file.commentLines {
        for word in Self.vagueWords(in: comment) {
          Issue.record("\(file.path):\(number): '\(word)': name the client, the kernel, …")
        }
      }
    }
  }

  /// What a user reads names its actors, too.
  @Test func messagesNameTheirActors() throws {
    for file in try tree.swiftFiles(in: "Sources") {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains("\"") {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        let messages = parts.filter { $0.offset % 2 == 1 && $0.element != "nobody" }
        for word in Self.vagueWords(in: messages.map(\.element).joined(separator: " ")) {
          Issue.record("\(file.path):\(index + 1): '\(word)' in a message: name the client, …")
        }
      }
    }
  }

  /// The formatter wraps code and leaves comments as they are. A word that is too long, a URL, may
  /// stand alone.
  @Test(arguments: ["Sources", "Tests"])
  func noCommentIsWiderThanTheCode(folder: String) throws {
    for file in try tree.swiftFiles(in: folder) + tree.headers(in: folder) {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, comment) in file.commentLines where lines[number - 1].count > 100 {
        let isOneWord = comment.split(separator: " ").count == 1
        #expect(isOneWord, "\(file.path):\(number): a comment beyond 100 columns")
      }
    }
  }

  private static func vagueWords(in comment: String) -> [String] {
    let isVague = names(in: comment).contains { vagueWords.contains($0.lowercased()) }
    guard isVague else { return [] }
    let unquoted = comment.replacing("`nobody`", with: "").replacing("\"nobody\"", with: "")
    return names(in: unquoted).filter { vagueWords.contains($0.lowercased()) }
  }

  @Test func theUserNobodyMayBeQuoted() {
    #expect(Self.vagueWords(in: " Nobody waits, or is started anew.") == ["Nobody", "anew"])
    #expect(Self.vagueWords(in: " The user `nobody`, \"nobody\" to chown(2).").isEmpty)
    #expect(Self.vagueWords(in: " `nobody` is the user; nobody waits.") == ["nobody"])
  }

  private static let path = "Tests/HouseTests/VocabularyTests.swift"

  /// The identifiers of a line. By bytes: all lines of the project are looked at.
  private static func names(in code: String) -> [String] {
    code.utf8.split { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        false
      default: true
      }
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The words of a name, in lower case: `listenBook` has `listen` and `book`.
  private static func parts(of name: String) -> [String] {
    var parts: [[UInt8]] = [[]]
    let bytes = Array(name.utf8)
    for (index, byte) in bytes.enumerated() {
      let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      let isLetter = isUpper || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      let isNextLower =
        index + 1 < bytes.count
        && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[index + 1])
      let isBehindUpper =
        index > 0 && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index - 1])
      if !isLetter || isUpper && (isNextLower || !isBehindUpper) { parts.append([]) }
      if isLetter { parts[parts.count - 1].append(isUpper ? byte | 0x20 : byte) }
    }
    return parts.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aNameIsTakenApart() {
    #expect(Self.parts(of: "listenBook") == ["listen", "book"])
    #expect(Self.parts(of: "HTTPServer") == ["http", "server"])
    #expect(Self.parts(of: "is_errand2") == ["is", "errand"])
    #expect(Self.parts(of: "open") == ["open"])
  }
}
