import Glibc
import UV

extension Log {
  /// How the rotated files are looked for.
  var surveyPlan: RotatedFiles {
    RotatedFiles(
      baseName: baseName, kept: max(0, limits.maxFiles), live: live.identity,
      listed: areNumbersKnown ? listedNumbers : nil)
  }

  /// Notes which rotated files there are. What is known of a file stays known under another name.
  func apply(_ survey: RotatedFiles.Survey) {
    listedNumbers = survey.listed ?? []
    areNumbersKnown = survey.listed != nil
    rotated = survey.files.map { found in
      let segment =
        rotated.first { $0.identity == found.identity }
        ?? Segment(found.identity, unscanned: found.size)
      if segment.size != found.size { segment.reset(toSize: found.size) }
      segment.number = found.number
      return segment
    }
  }

  /// Notes that there are no rotated files any more.
  func forgetRotatedFiles() {
    areNumbersKnown = false
    for segment in rotated { segment.reset(toSize: 0) }
    rotated = []
  }

  /// Looks what others have done to the files, before a page is planned.
  ///
  /// - Parameters:
  ///   - ahead: what is read in passing.
  ///   - then: gets why the rotated files cannot be looked at.
  func lookAtFiles(reading ahead: ReadAhead? = nil, then: @escaping (UVError?) -> Void) {
    lookAtFiles(reading: ahead, replaces: true, then: then)
  }

  private func lookAtFiles(
    reading ahead: ReadAhead?, replaces: Bool, then: @escaping (UVError?) -> Void
  ) {
    guard !isClosed else { return then(nil) }
    let file = self.file
    let opened = file?.file.opened
    let identity = live.identity
    let plan = surveyPlan
    let wanted = ahead?.wanted
    onPool(makes: false) { [baseName] directory throws(UVError) in
      var look = FileLook()
      if let opened {
        look.noteLiveFile(opened, identity, baseName, in: directory)
        if let wanted { look.readAhead = opened.readCached(into: wanted.piece, at: wanted.offset) }
      }
      // Where the directory cannot be listed, the numbers that are kept are looked for all the same.
      look.rotated = try plan.look(in: directory, isListed: false)
      return look
    } then: { [self] result in
      switch result {
      case .success(let look):
        ahead?.count = look.readAhead
        take(look, replaces: replaces, then: then)
      case .failure(let error):
        // Where there is no directory, there are no files.
        guard error.code == .noSuchFileOrDirectory, file == nil else { return then(error) }
        forgetRotatedFiles()
        then(nil)
      }
    }
  }

  private func take(_ look: FileLook, replaces: Bool, then: @escaping (UVError?) -> Void) {
    apply(look.rotated)
    guard look.isRemoved, replaces else {
      if file != nil, let size = look.live?.size, Int(size) != live.size {
        live.reset(toSize: Int(size))
        mayEndTorn = true
      }
      return then(nil)
    }
    // Where there can be no new file, the old one still has its lines.
    replaceLiveFile { [self] error in
      if error == nil { lookAtFiles(reading: nil, replaces: false, then: then) } else { then(nil) }
    }
  }
}

/// What a thread of the pool has seen of a log's files.
struct FileLook: Sendable {
  var live: FileStatus?
  /// Whether the live file has no name any more.
  var isRemoved = false
  /// How many bytes of a page have been read in passing.
  var readAhead = 0
  var rotated = RotatedFiles.Survey()

  /// Notes how the live file is: without its status, what was written here is what there is to be read. On a network file
  /// system, another machine may have removed it. Any other file that cannot be looked at cannot be written to either: the
  /// write will tell.
  mutating func noteLiveFile(
    _ file: OpenedFile, _ identity: FileIdentity, _ name: String, in directory: HeldDirectory
  ) {
    do throws(UVError) {
      let status = try file.status()
      live = status
      isRemoved = try LiveFile(status, identity, name, in: directory) == .removed
    } catch {
      isRemoved = error.code == .staleFileHandle
    }
  }
}
