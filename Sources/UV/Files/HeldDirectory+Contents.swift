import Glibc

extension HeldDirectory {
  /// All bytes of a file in it; nil if there is no such name.
  ///
  /// - Parameter limit: the most bytes the file may have.
  /// - Throws: `EINVAL` for what is no regular file, `EFBIG` for one that is too large, `EMLINK`
  ///   and `ESTALE` for one that another user may have linked into the directory.
  package func contents(of name: String, limit: Int) throws(UVError) -> [UInt8]? {
    let file: OpenedFile
    do throws(UVError) {
      file = try open(name, .read)
    } catch {
      if error.code == .noSuchFileOrDirectory { return nil }
      throw error
    }
    let (status, bytes) = try Files.readRegular(file.descriptor, file.path, limit: limit)
    guard status.isRegular else {
      throw UVError(code: -EINVAL, operation: "read", subject: file.path)
    }
    try refuseForeignLink(name, status)
    return bytes
  }

  /// Replaces a file in it: a reader, and the next start after a crash of this process, finds the
  /// old bytes or the new ones whole. Nothing is written to the device at once (`fsync(2)`).
  ///
  /// Calls for one name must not overlap: they share the name of a temporary file.
  ///
  /// - Parameter model: whose owner, group and mode it gets, as far as this user may give them;
  ///   without one, it is for this user alone.
  package func replace(
    _ name: String, with bytes: [UInt8], like model: FileStatus?
  ) throws(UVError) {
    let temporary = Self.temporary(of: name)
    let file = try create(temporary)
    do throws(UVError) {
      try file.writeAll(bytes)
    } catch {
      file.close()
      remove(leftover: temporary)
      throw error
    }
    if let model { file.take(ownerAndModeOf: model) }
    do throws(UVError) {
      // A disk in the network may take nothing until then.
      if let error = file.close() { throw error }
      try rename(temporary, to: name)
    } catch {
      remove(leftover: temporary)
      throw error
    }
  }

  /// The name of the temporary file that ``replace(_:with:like:)`` writes, which a crash may leave.
  package static func temporary(of name: String) -> String { "\(name).new" }

  /// Makes a new file, for this user alone; what a crash has left of that name goes first.
  private func create(_ name: String) throws(UVError) -> OpenedFile {
    let access: File.Access = [.write, .create, .exclusive]
    do throws(UVError) {
      return try open(name, access, mode: 0o600)
    } catch {
      guard error.code == .fileExists else { throw error }
      try unlink(name)
      return try open(name, access, mode: 0o600)
    }
  }

  private func remove(leftover name: String) {
    // What stays is replaced by the next call.
    try? unlink(name)
  }
}
