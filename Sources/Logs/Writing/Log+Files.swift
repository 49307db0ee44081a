import Glibc
import UV

extension Log {
  /// Read as well as write: pages are read by the same descriptor, so that they need no name.
  static let access: File.Access = [.read, .append, .create]

  /// The name of a rotated file; 0 is the live one.
  func name(_ number: Int) -> String {
    number == 0 ? path : "\(path).\(number)"
  }

  /// Refuses what stands in the place of a log and is no regular file. A link is refused too: it
  /// would let whoever may write to the directory have any file of ours written to.
  static func refuseAllButFiles(at path: String) throws(UVError) {
    switch try FileIdentity.look(at: path) {
    case .missing, .file: return
    case .other(let reason):
      throw UVError(
        code: reason, operation: "use as a log, which must be a regular file,", subject: path)
    }
  }

  /// Takes over a file that has just been opened as the live one, or closes it.
  static func take(_ file: File) throws(UVError) -> (OpenFile, Segment) {
    do throws(UVError) {
      let status = try file.statusNow()
      guard status.isRegular else {
        throw UVError(
          code: -EINVAL, operation: "use as a log, which must be a regular file,",
          subject: file.path)
      }
      let identity = FileIdentity(status)
      return (OpenFile(file, identity), Segment(identity, unscanned: Int(status.size)))
    } catch {
      file.close()
      throw error
    }
  }

  /// Opens or makes the live file on the pool.
  func openLiveFile(then: @escaping (UVError?) -> Void) {
    do throws(UVError) {
      try Log.refuseAllButFiles(at: path)
    } catch {
      return then(error)
    }
    File.open(path, Log.access, on: context.loop) { [self] result in
      do throws(UVError) {
        let (file, live) = try Log.take(try result.get())
        self.file.release()
        self.file = file
        self.live = live
        mayEndTorn = true
        then(nil)
      } catch {
        then(error)
      }
    }
  }

  /// Looks which rotated files there are: from `.1` up to the first number that is missing.
  /// What is known of a file stays known under another name.
  func lookAtRotatedFiles() throws(UVError) {
    var found: [Segment] = []
    var number = 1
    while case .file(let identity, let size) = try FileIdentity.look(at: name(number)) {
      defer { number += 1 }
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
}
