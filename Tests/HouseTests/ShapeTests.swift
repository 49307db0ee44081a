import Testing

/// How a room is divided: folders that use each other one way only, and types that are not spread
/// over many files.
struct ShapeTests {
  private let tree = SourceTree()

  /// A room is read from below: no folder of it uses another one that uses it, on whatever way. Its
  /// own files, which are in no folder, connect the folders, so none of these uses them.
  @Test func theFoldersOfARoomUseEachOtherOneWayOnly() throws {
    for room in try tree.rooms() {
      let uses = FolderUses(try tree.swiftFiles(in: "Sources/\(room)"), below: "Sources/\(room)/")
      if let circle = uses.circle {
        Issue.record("a circle in Sources/\(room):\n\(circle.joined(separator: "\n"))")
      }
    }
  }

  /// `Type+Topic.swift`: one idea a file, not one method a file.
  @Test func aTypeHasAtMostTenFilesBesideItsOwn() throws {
    for room in try tree.rooms() {
      let types = try tree.swiftFiles(in: "Sources/\(room)").compactMap { file in
        let name = file.path.split(separator: "/").last ?? ""
        return name.firstIndex(of: "+").map { String(name[..<$0]) }
      }
      for (type, files) in Dictionary(grouping: types, by: \.self) {
        #expect(files.count <= 10, "\(type) of Sources/\(room) has \(files.count) files")
      }
    }
  }

  @Test func aCircleIsFound() {
    func file(_ path: String, _ text: String) -> SourceTree.SourceFile {
      SourceTree.SourceFile(path: path, text: text)
    }
    let down = file("Top/A/One.swift", "struct One { var two: Two }\n")
    let middle = file("Top/B/Two.swift", "final class Two { let three = Three.make() }\n")
    let bottom = file("Top/C/Three.swift", "package enum Three {}\n")
    #expect(FolderUses([down, middle, bottom], below: "Top/").circle == nil)
    // Neither a comment, nor a text, nor a part of a name or of another type is a use.
    let harmless = file(
      "Top/C/Three.swift",
      "// One\npackage enum Three { let a = \"One\", b: OneMore, c: Other.One }")
    #expect(FolderUses([down, middle, harmless], below: "Top/").circle == nil)
    let up = file("Top/C/Three.swift", "package enum Three {\n  case a(One)\n}\n")
    #expect(
      FolderUses([down, middle, up], below: "Top/").circle == [
        "A uses B: Two at Top/A/One.swift:1", "B uses C: Three at Top/B/Two.swift:1",
        "C uses A: One at Top/C/Three.swift:2",
      ])
    // A folder that uses what connects the folders.
    let root = file("Top/Root.swift", "struct Root { var one: One }\n")
    #expect(FolderUses([down, middle, bottom, root], below: "Top/").circle == nil)
    let back = file("Top/B/Two.swift", "final class Two { weak var root: Root? }\n")
    #expect(
      FolderUses([down, back, root], below: "Top/").circle?.contains(
        "B uses the room: Root at Top/B/Two.swift:1") == true)
  }
}

/// Which folder of a room uses which. A folder uses another one where the name of a type that is
/// declared there, and is no part of another type, stands in its code as a whole word.
struct FolderUses {
  /// By a folder and the one that it uses: a place where it does.
  private var places: [String: [String: String]] = [:]

  /// - Parameter room: how the paths of the files begin.
  init(_ files: [SourceTree.SourceFile], below room: String) {
    func folder(of file: SourceTree.SourceFile) -> String {
      let parts = file.path.dropFirst(room.count).split(separator: "/")
      return parts.count > 1 ? String(parts[0]) : "the room"
    }
    var homes: [String: String] = [:]
    for file in files {
      for (_, code) in file.codeLines {
        if let name = Self.declared(in: code) { homes[name] = folder(of: file) }
      }
    }
    for file in files {
      let own = folder(of: file)
      for (number, code) in file.codeLines {
        for name in Self.names(in: code) {
          guard let home = homes[name], home != own, places[own]?[home] == nil else { continue }
          places[own, default: [:]][home] = "\(name) at \(file.path):\(number)"
        }
      }
    }
  }

  /// The first circle there is, use by use; nil if there is none.
  var circle: [String]? {
    for start in places.keys.sorted() {
      if let way = way(from: start, to: start) {
        return zip([start] + way, way).map { from, to in
          "\(from) uses \(to): \(places[from]?[to] ?? "")"
        }
      }
    }
    return nil
  }

  /// The shortest way over at least one use.
  private func way(from start: String, to end: String) -> [String]? {
    var ways = [[start]]
    var seen: Set<String> = []
    while !ways.isEmpty {
      let way = ways.removeFirst()
      for next in (places[way.last ?? ""] ?? [:]).keys.sorted() {
        if next == end { return Array(way.dropFirst()) + [next] }
        if seen.insert(next).inserted { ways.append(way + [next]) }
      }
    }
    return nil
  }

  /// The type that a line declares; none for one that is a part of another one, which is indented,
  /// and for one that is known in its file alone.
  private static func declared(in code: String) -> String? {
    guard let first = code.utf8.first, first != UInt8(ascii: " "), first != UInt8(ascii: "}"),
      let match = code.firstMatch(
        of: #/^(?:[@\w()]+ )*?(?:struct|class|enum|protocol|typealias) (\w+)/#),
      !match.0.contains("private ")
    else { return nil }
    return String(match.1)
  }

  /// The words of a line that begin with a capital and are no member of something.
  private static func names(in code: String) -> [String] {
    var names: [String] = []
    var word: [UInt8] = []
    var (before, previous) = (UInt8(0), UInt8(0))
    for byte in Array(code.utf8) + [0] {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        if word.isEmpty { before = previous }
        word.append(byte)
      default:
        if let first = word.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first),
          before != UInt8(ascii: ".")
        {
          names.append(String(decoding: word, as: UTF8.self))
        }
        word = []
      }
      previous = byte
    }
    return names
  }
}
