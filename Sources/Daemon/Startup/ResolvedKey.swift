import API
import Basics
import UV

/// The API key in force, and where it came from.
struct ResolvedKey {
  var key: String
  /// What stands in the banner where the key itself must not: the file's path, `from --api-key`.
  var origin: String
  /// Whether it was made at this start: no client has it yet.
  var isNew = false
  /// Why it could not be written, where it was made at this start: no client knows it then.
  var unwritten: UVError?

  /// Reads the key, or makes one.
  /// Throws `StartError` for a file that is missing, unreadable or holds no usable key.
  static func resolve(_ source: Configuration.KeySource) throws(StartError) -> ResolvedKey {
    switch source {
    case .value(let key, let origin):
      return ResolvedKey(key: key, origin: "from \(origin)")
    case .file(let path):
      return try read(path)
    case .kept(let path, let credential):
      if let credential, try exists(credential) { return try read(credential) }
      if try exists(path) { return try read(path) }
      return try make(path)
    }
  }

  /// Judges the key without making one. Throws as ``resolve(_:)`` does.
  static func check(_ source: Configuration.KeySource) throws(StartError) {
    if case .kept(let path, let credential) = source {
      if let credential, try exists(credential) {
        _ = try read(credential)
        return
      }
      guard try exists(path) else { return }
    }
    _ = try resolve(source)
  }

  private static func exists(_ path: String) throws(StartError) -> Bool {
    let isLink: Bool
    do throws(UVError) {
      do throws(UVError) {
        _ = try Files.status(of: path)
        return true
      } catch {
        guard error.code == .noSuchFileOrDirectory else { throw error }
        isLink = try Files.statusOfName(path)?.isLink == true
      }
    } catch {
      throw StartError("API key: \(error)")
    }
    // The key is not made where the link leads: it may lead to a disk that is not mounted.
    guard !isLink else {
      throw StartError(
        "API key: '\(path)' is a symbolic link to a file that does not exist; mend or remove the link"
      )
    }
    return false
  }

  private static func read(_ path: String) throws(StartError) -> ResolvedKey {
    let bytes: [UInt8]
    do throws(ConfigurationFile.Failure) {
      bytes = try ConfigurationFile.read(path, limit: 64 << 10, isSecret: true).bytes
    } catch {
      throw StartError("API key: \(error)", errorNumber: error.errorNumber)
    }
    let line = ByteOrderMark.passedOver(in: bytes).prefix {
      $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
    }
    let key = String(decoding: line, as: UTF8.self)
    guard !key.isEmpty else {
      throw StartError("API key: the first line of '\(path)' is empty; put a key there")
    }
    guard Configuration.isUsable(key) else {
      throw StartError(
        "API key: the first line of '\(path)' has characters that HTTP cannot carry: use ASCII from ! to ~"
      )
    }
    return ResolvedKey(key: key, origin: path)
  }

  /// 256 bits from the system's generator (`getrandom(2)`), written so that only the owner can read
  /// them.
  private static func make(_ path: String) throws(StartError) -> ResolvedKey {
    do throws(UVError) {
      let key = "exeio_\(hexadecimal(try SystemProcess.randomBytes(32)))"
      var resolved = ResolvedKey(key: key, origin: path, isNew: true)
      do throws(UVError) {
        try resolved.write()
      } catch {
        // What is to run runs all the same, and the key is written as soon as the disk takes it.
        guard error.isOfFullDisk else { throw error }
        resolved.unwritten = error
      }
      return resolved
    } catch {
      throw StartError("API key: \(error)")
    }
  }

  /// Writes a key that was made at this start; why it failed, or nil.
  func tryToWrite() -> UVError? {
    do throws(UVError) {
      try write()
      return nil
    } catch {
      guard error.code == .fileExists else { return error }
      var error = error
      error.detail = "another program has written a key there; restart exeio to use it"
      return error
    }
  }

  /// Writes a key that was made at this start.
  func write() throws(UVError) {
    try Files.createNew(origin, mode: 0o600, contents: Array("\(key)\n".utf8))
  }
}
