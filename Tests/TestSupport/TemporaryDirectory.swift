import CLinux
import Glibc
import UV

/// A directory of its own for a test, removed with everything in it.
package final class TemporaryDirectory {
  /// Its absolute path.
  package let path: String

  /// Makes the directory under `$TMPDIR`, else `/tmp`.
  package init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/exeio-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw UVError(code: -errno, operation: "make a temporary directory", subject: parent)
    }
    path = made
  }

  deinit {
    Self.removeTree(path)
  }

  /// The path of something in it.
  package func file(_ name: String) -> String {
    "\(path)/\(name)"
  }

  /// The names in it, sorted.
  package var names: [String] { Self.names(in: path).sorted() }

  /// Whether its file system is one of those that always tell what the kernel has in memory of a
  /// file: ext4, XFS, Btrfs.
  package var tellsWhatIsCached: Bool {
    var status = statfs()
    return statfs(path, &status) == 0
      && [0xEF53, 0x5846_5342, 0x9123_683E].contains(status.f_type)
  }

  private static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func removeTree(_ path: String) {
    if unlink(path) == 0 { return }
    for name in names(in: path) { removeTree("\(path)/\(name)") }
    rmdir(path)
  }
}
