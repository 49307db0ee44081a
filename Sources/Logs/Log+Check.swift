package import UV

extension Log {
  /// Finds out whether a log can be written to, without keeping it open: its directory is made
  /// where it is missing, and so is the file.
  ///
  /// - Parameter then: called from the loop, as late as the file system answers; gets why it cannot
  ///   be opened.
  package static func check(_ path: String, on loop: Loop, then: @escaping (UVError?) -> Void) {
    let (folder, name) = LogDirectory.parts(of: path)
    SharedDirectory(folder, on: loop).run(.writing) { directory throws(UVError) in
      try OpenedLogFile.open(name, in: directory).file.close()
    } then: { result in
      if case .failure(let error) = result { then(error) } else { then(nil) }
    }
  }
}
