import Glibc
import UV

extension Log {
  /// The size at which the live file is rotated; nil: never. After a rotation that failed it is
  /// tried again when as much again has been written, not with every line.
  var rotationSize: Int? {
    guard limits.maxBytes > 0 else { return nil }
    guard let refused = rotationRefusedAt else { return limits.maxBytes }
    return max(limits.maxBytes, refused + limits.maxBytes)
  }

  var isRotationDue: Bool {
    guard let size = rotationSize else { return false }
    return live.size >= size
  }

  /// Gives every file the next number, the live one `.1`, and opens a new live one; or empties
  /// the live one where no rotated files are kept. Says so in the log when it fails, and then
  /// the old file goes on.
  func rotate(then: @escaping () -> Void) {
    let finish: (UVError?) -> Void = { [self] error in
      rotationRefusedAt = nil
      if let error {
        rotationRefusedAt = live.size
        report("The log could not be rotated: \(error)")
      }
      tell(error)
      then()
    }
    listNumbers { [self] error in
      if let error { return finish(error) }
      do throws(UVError) {
        try lookAtRotatedFiles()
      } catch {
        return finish(error)
      }
      let surplus = rotated.map(\.number).filter { $0 > limits.maxFiles }
      remove(surplus.reversed(), keepsGoing: false) { [self] error in
        if let error { return finish(error) }
        guard limits.maxFiles > 0 else { return truncateLiveFile(then: finish) }
        makeRoom(then: finish)
      }
    }
  }

  /// Gives the next number to each file from `.1` on, up to the first number that is missing; the last number
  /// that is kept is replaced.
  private func makeRoom(then finish: @escaping (UVError?) -> Void) {
    let numbers = Set(rotated.map(\.number))
    var last = 0
    while last < limits.maxFiles, numbers.contains(last + 1) { last += 1 }
    let highest = min(last, limits.maxFiles - 1)
    holdOldestFile(last == limits.maxFiles) { [self] oldest in
      shift(highest, highest: highest) { [context] error in
        oldest?.close { _ in context.isFreeing = false }
        finish(error)
      }
    }
  }

  /// Opens the file that the rotation is about to replace, if there are as many as that: its
  /// room is then given back when it is closed, on the pool and behind the writer's back, and
  /// not within the renaming that the writer waits for. Measured: 20 ms for 50 MiB. One file of
  /// all logs at a time, so that the pool's threads are there for those that write.
  private func holdOldestFile(_ isReplaced: Bool, then: @escaping (File?) -> Void) {
    guard isReplaced, !context.isFreeing else { return then(nil) }
    context.isFreeing = true
    directory.open(name(limits.maxFiles), .read) { [context] result in
      switch result {
      case .success(let file):
        then(file)
      case .failure:
        // It is replaced all the same, and the writer waits.
        context.isFreeing = false
        then(nil)
      }
    }
  }

  /// Tells of an error, or that it is over.
  func tell(_ error: UVError?) {
    guard error != nil || isInTrouble else { return }
    isInTrouble = error != nil
    onTrouble?(error)
  }

  /// Puts a line into the log about what went wrong with its files, ahead of what waits.
  func report(_ message: String) {
    let line = systemLine(message)
    waiting += line.count
    queue.insert(.batch(line), at: 0)
  }

  func truncateLiveFile(then: @escaping (UVError?) -> Void) {
    file.file.truncate(to: 0) { [self] error in
      if error == nil {
        live.reset(toSize: 0)
        mayEndTorn = false
      }
      then(error)
    }
  }

  /// Gives each file from a number down to the live one the next number. The one that has the
  /// last number is replaced, which frees it: on the pool.
  private func shift(_ number: Int, highest: Int, then: @escaping (UVError?) -> Void) {
    guard number >= 0 else { return openNext(highest: highest, then: then) }
    directory.rename(name(number), to: name(number + 1)) { [self] error in
      if let error, error.code != -ENOENT {
        return shiftBack(number + 1, highest: highest) { then(error) }
      }
      shift(number - 1, highest: highest, then: then)
    }
  }

  private func openNext(highest: Int, then: @escaping (UVError?) -> Void) {
    let old = live
    // Without it, the new file has the mode that new ones have.
    let status = try? file.file.statusNow()
    openLiveFile { [self] error in
      if error == nil, let status, live.size == 0 { file.file.take(ownerAndModeOf: status) }
      if let error {
        return shiftBack(0, highest: highest) { then(error) }
      }
      // Those that are gone are left out at the next look.
      rotated = [old] + rotated
      then(nil)
    }
  }

  /// Takes the steps of a rotation back that failed half way, as far as that goes: what cannot
  /// be renamed back is found under its new name.
  private func shiftBack(_ number: Int, highest: Int, then: @escaping () -> Void) {
    guard number <= highest else { return then() }
    directory.rename(name(number + 1), to: name(number)) { [self] _ in
      shiftBack(number + 1, highest: highest, then: then)
    }
  }
}
