import Glibc
import UV

extension Log {
  /// Read as well as write: pages are read by the same descriptor, so that they need no name.
  static let access: File.Access = [.read, .append, .create]

  /// The name of a rotated file in the directory; 0 is the live one.
  func name(_ number: Int) -> String {
    number == 0 ? baseName : "\(baseName).\(number)"
  }

  /// Refuses what stands in the place of a log and is no regular file. A link is refused too: it
  /// would let whoever may write to the directory have any file of ours written to.
  static func refuseAllButFiles(_ name: String, in directory: SharedDirectory) throws(UVError) {
    switch try FileIdentity.look(at: name, in: directory) {
    case .missing, .file: return
    case .other(let reason):
      throw UVError(
        code: reason, operation: "use as a log, which must be a regular file,",
        subject: directory.path(of: name))
    }
  }

  /// Takes over a file that has just been opened as the live one, or closes it.
  static func take(
    _ file: File, _ name: String, in directory: SharedDirectory
  ) throws(UVError) -> (OpenFile, Segment) {
    do throws(UVError) {
      let status = try file.statusNow()
      guard status.isRegular else {
        throw UVError(
          code: -EINVAL, operation: "use as a log, which must be a regular file,",
          subject: file.path)
      }
      // Between the look at the name and its opening, another user may have put a link there.
      try directory.refuseForeignLink(name, status)
      let identity = FileIdentity(status)
      return (OpenFile(file, identity), Segment(identity, unscanned: Int(status.size)))
    } catch {
      file.close()
      throw error
    }
  }

  /// An empty file without a name in the place of a live one that the disk does not take.
  static func standIn(_ path: String, on loop: Loop) throws(UVError) -> (OpenFile, Segment) {
    let file = try File.inMemory(path, on: loop)
    do throws(UVError) {
      let identity = FileIdentity(try file.statusNow())
      return (OpenFile(file, identity), Segment(identity, unscanned: 0))
    } catch {
      file.close()
      throw error
    }
  }

  /// Opens or makes the live file on the pool.
  func openLiveFile(then: @escaping (UVError?) -> Void) {
    do throws(UVError) {
      try Log.refuseAllButFiles(baseName, in: directory)
    } catch {
      return then(error)
    }
    directory.open(baseName, Log.access) { [self] result in
      do throws(UVError) {
        let (file, live) = try Log.take(try result.get(), baseName, in: directory)
        self.file.release()
        self.file = file
        self.live = live
        mayEndTorn = true
        openingError = nil
        then(nil)
      } catch {
        then(error)
      }
    }
  }

  /// Goes on in a new file, since the one that was written to has been removed; a directory that was removed
  /// with it is made again.
  ///
  /// It gets the owner, group and mode of the one that was removed, as far as this user may give them.
  func replaceLiveFile(then: @escaping (UVError?) -> Void) {
    // Without it, the new file has the mode that new ones have.
    let old = openingError == nil ? try? file.file.statusNow() : nil
    areNumbersKnown = false
    directory.refresh { [self] error in
      if let error { return then(error) }
      openLiveFile { [self] error in
        if error == nil {
          if let old, live.size == 0 { file.file.take(ownerAndModeOf: old) }
          rotationRefusedAt = nil
          tell(nil)
        }
        then(error)
      }
    }
  }

  /// Lists which rotated files there are, where that is not known.
  ///
  /// - Parameter then: gets why it is still not known.
  func listNumbers(then: @escaping (UVError?) -> Void) {
    guard !areNumbersKnown else { return then(nil) }
    let start = baseName + "."
    directory.names(beginningWith: start) { [self] result in
      switch result {
      case .success(let names):
        let digits = names.map { $0.utf8.dropFirst(start.utf8.count) }
        listedNumbers = digits.compactMap(Log.rotationNumber).sorted()
        areNumbersKnown = true
        then(nil)
      case .failure(let error):
        // In a directory that was removed there are none.
        listedNumbers = []
        then(error.code == -ENOENT ? nil : error)
      }
    }
  }

  /// The number that a rotation has given, as it is written: `12`. All else in a name, `012` or `1.gz`, is
  /// another program's.
  private static func rotationNumber(_ digits: Substring.UTF8View.SubSequence) -> Int? {
    guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Looks which rotated files there are, the newest first: of the numbers that are kept, and of those that
  /// the listing has shown. Numbers may be missing between them. What is known of a file stays known under
  /// another name.
  func lookAtRotatedFiles() throws(UVError) {
    var found: [Segment] = []
    let kept = max(0, limits.maxFiles)
    for number in Array(1..<(kept + 1)) + listedNumbers.filter({ $0 > kept }) {
      guard
        case .file(let identity, let size) = try FileIdentity.look(at: name(number), in: directory)
      else { continue }
      // After a rotation that failed, the live file may have a rotated one's name.
      if identity == live.identity { continue }
      let segment =
        rotated.first { $0.identity == identity } ?? Segment(identity, unscanned: size)
      if segment.size != size { segment.reset(toSize: size) }
      segment.number = number
      found.append(segment)
    }
    rotated = found
  }

  /// Removes all rotated files that the directory's listing shows.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  func removeRotatedFiles(then: @escaping (UVError?) -> Void) {
    areNumbersKnown = false
    listNumbers { [self] error in
      if let error { return then(error) }
      for segment in rotated { segment.reset(toSize: 0) }
      rotated = []
      remove(Array(listedNumbers.reversed()), keepsGoing: true, then: then)
    }
  }

  /// Removes rotated files in this order; a missing one is as good as removed, and what is no regular file is
  /// none of ours.
  ///
  /// - Parameters:
  ///   - keepsGoing: whether the others are removed where one cannot be.
  ///   - then: gets the first error.
  func remove(
    _ numbers: [Int], keepsGoing: Bool, then: @escaping (UVError?) -> Void
  ) {
    guard let number = numbers.first else { return then(nil) }
    let rest = Array(numbers.dropFirst())
    do throws(UVError) {
      guard let status = try directory.status(of: name(number)), status.isRegular else {
        return remove(rest, keepsGoing: keepsGoing, then: then)
      }
    } catch {
      return then(error)
    }
    directory.unlink(name(number)) { [self] error in
      let failure = error?.code == -ENOENT ? nil : error
      if let failure, !keepsGoing { return then(failure) }
      remove(rest, keepsGoing: keepsGoing) { then(failure ?? $0) }
    }
  }
}
