import Glibc

/// `hanging-files DIRECTORY MOUNT`: a file system (fuse(4)) that shows a directory, and in which
/// operations hang when it is told so.
///
/// It prints `ready`, and then takes lines from its input, each of which it answers with `done`:
///
/// - `hang OPERATION …`: from now on these get no answer. What is held is told: `held OPERATION`
/// - `interruptible`: a caller that gets a signal gets `EINTR`; without it, not even `SIGKILL` ends
///   the wait
/// - `go`: what is held gets its answer, and nothing hangs any more
///
/// With the end of its input, or of the process that has started it, it unmounts and ends; the
/// kernel then has what is held fail.
func hangingFiles(_ arguments: [String]) -> Never {
  guard arguments.count == 2 else { fail("not two directories") }
  umask(0)
  let server = FileServer(directory: arguments[0], mount: arguments[1])
  server.run()
}

/// Where the fields of a request are, and what answers are made of: the kernel's `linux/fuse.h`.
private struct Request {
  let bytes: [UInt8]
  static let headerSize = 40

  func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }
  var code: UInt32 { load(4, as: UInt32.self) }
  var unique: UInt64 { load(8, as: UInt64.self) }
  var node: UInt64 { load(16, as: UInt64.self) }
  var user: UInt32 { load(24, as: UInt32.self) }
  var group: UInt32 { load(28, as: UInt32.self) }

  /// A field of what follows the header.
  func long(_ offset: Int) -> UInt64 { load(Self.headerSize + offset, as: UInt64.self) }
  func word(_ offset: Int) -> UInt32 { load(Self.headerSize + offset, as: UInt32.self) }

  /// The names that follow the fixed part.
  func names(after size: Int) -> [String] {
    bytes[(Self.headerSize + size)...].split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

private struct Answer {
  var bytes: [UInt8] = []

  mutating func add<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func add(attributes status: stat) {
    add(UInt64(status.st_ino))
    add(UInt64(status.st_size))
    add(UInt64(status.st_blocks))
    for time in [status.st_atim, status.st_mtim, status.st_ctim] { add(UInt64(time.tv_sec)) }
    for time in [status.st_atim, status.st_mtim, status.st_ctim] { add(UInt32(time.tv_nsec)) }
    for value in [status.st_mode, UInt32(status.st_nlink), status.st_uid, status.st_gid] {
      add(value)
    }
    add(UInt32(truncatingIfNeeded: status.st_rdev))
    add(UInt32(status.st_blksize))
    add(UInt32(0))
  }

  /// Nothing is kept by the kernel: each look at a name or a file is a request.
  mutating func add(entry node: UInt64, _ status: stat) {
    for value in [node, 0, 0, 0, 0] { add(value) }
    add(attributes: status)
  }

  mutating func add(open handle: UInt64) {
    add(handle)
    add(UInt64(0))
  }
}

/// Names a file without opening it (open(2)); Swift's Glibc module leaves it out.
private let pathOnly: Int32 = 0o10_000_000

/// An errno.
private struct Failure: Error {
  var code: Int32
  static var current: Failure { Failure(code: errno) }
}

private final class FileServer {
  /// A file that the kernel knows, by a descriptor that only names it (`O_PATH`).
  private struct Node {
    var descriptor: Int32
    var lookups: UInt64
  }
  private struct Entry {
    var name: String
    var inode: UInt64
    var type: UInt32
  }

  private let mountPoint: String
  private let device: Int32
  private let parent = getppid()
  private var nodes: [UInt64: Node] = [:]
  private var files: [UInt64: Int32] = [:]
  private var listings: [UInt64: [Entry]] = [:]
  private var lastHandle: UInt64 = 0
  private var hanging: Set<String> = []
  private var isInterruptible = false
  private var held: [Request] = []
  private var input: [UInt8] = []

  private static let root: UInt64 = 1
  private static let longestWrite = 128 << 10

  init(directory: String, mount mountPoint: String) {
    self.mountPoint = mountPoint
    let root = check(open(directory, pathOnly | O_DIRECTORY | O_CLOEXEC), "open \(directory)")
    nodes[Self.root] = Node(descriptor: root, lookups: 1)
    device = check(open("/dev/fuse", O_RDWR | O_CLOEXEC), "open /dev/fuse")
    let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0,allow_other"
    check(mount("exeio-test", mountPoint, "fuse", 0, options), "mount")
  }

  func run() -> Never {
    // The first request asks how to talk; a mount whose server does not answer it is of no use yet.
    serve()
    say("ready")
    var entries = [
      pollfd(fd: device, events: Int16(POLLIN), revents: 0),
      pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
    ]
    while getppid() == parent {
      guard poll(&entries, 2, 500) >= 0 || errno == EINTR else { fail("poll: \(errno)") }
      // An order that came before a request holds for it.
      if entries[1].revents != 0, !takeOrders() { break }
      if entries[0].revents != 0 { serve() }
    }
    umount2(mountPoint, Int32(MNT_DETACH))
    exit(0)
  }

  // MARK: orders

  /// Whether there may be more.
  private func takeOrders() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(0, &buffer, buffer.count)
    guard count > 0 else { return count < 0 && errno == EINTR }
    input += buffer[..<count]
    while let end = input.firstIndex(of: UInt8(ascii: "\n")) {
      let words = String(decoding: input[..<end], as: UTF8.self).split(separator: " ")
      input.removeSubrange(...end)
      switch words.first {
      case "hang": hanging.formUnion(words.dropFirst().map(String.init))
      case "interruptible": isInterruptible = true
      case "go":
        hanging = []
        let requests = held
        held = []
        for request in requests { answer(request) }
      default: fail("unknown order: \(words)")
      }
      say("done")
    }
    return true
  }

  // MARK: requests

  private func serve() {
    var buffer = [UInt8](repeating: 0, count: Self.longestWrite + 8192)
    let count = read(device, &buffer, buffer.count)
    guard count >= Request.headerSize else {
      // ENOENT: the request was given up before it was read. ENODEV: unmounted.
      if errno == ENODEV { exit(0) }
      return
    }
    let request = Request(bytes: Array(buffer[..<count]))
    if request.code == 36 { return interrupt(request.long(0)) }
    let operations = Self.operations(of: request)
    if let operation = operations.first(where: hanging.contains) {
      held.append(request)
      return say("held \(operation)")
    }
    answer(request)
  }

  private func interrupt(_ unique: UInt64) {
    guard isInterruptible, let index = held.firstIndex(where: { $0.unique == unique }) else {
      return
    }
    reply(held.remove(at: index), error: EINTR)
  }

  /// What a request is called in an order.
  private static func operations(of request: Request) -> [String] {
    switch request.code {
    case 1, 3: ["stat"]
    case 4: ["setattr"]
    case 8, 9, 6, 13, 35: ["create"]
    case 10, 11: ["unlink"]
    case 12, 45: ["rename"]
    // The kernel opens a program with a flag of its own (FMODE_EXEC).
    case 14: request.word(0) & 0x20 != 0 ? ["exec", "open"] : ["open"]
    case 27: ["open"]
    case 15: ["read"]
    case 16: ["write"]
    case 20: ["fsync"]
    case 30: ["fsyncdir"]
    case 25: ["close"]
    case 28: ["readdir"]
    case 34: ["chdir"]
    default: []
    }
  }

  private func reply(_ request: Request, error: Int32 = 0, _ payload: [UInt8] = []) {
    var answer = Answer()
    answer.add(UInt32(16 + payload.count))
    answer.add(-error)
    answer.add(request.unique)
    let bytes = answer.bytes + payload
    // Who waited for it may have gone.
    _ = write(device, bytes, bytes.count)
  }

  private func answer(_ request: Request) {
    // These have no answer.
    switch request.code {
    case 2: return forget(request.node, request.long(0))
    case 42:
      for index in 0..<Int(request.word(0)) {
        forget(request.long(8 + 16 * index), request.long(16 + 16 * index))
      }
      return
    default: break
    }
    do throws(Failure) {
      reply(request, try result(of: request))
    } catch {
      reply(request, error: error.code)
    }
  }

  private func result(of request: Request) throws(Failure) -> [UInt8] {
    var answer = Answer()
    switch request.code {
    case 26: greet(request, &answer)
    case 1: try add(entry: request.names(after: 0)[0], of: request, to: &answer)
    case 3: add(attributes: try status(of: request.node), to: &answer)
    case 4: try change(request, &answer)
    case 5: answer.bytes = try target(of: request.node)
    case 6:
      let names = request.names(after: 0)
      try require(symlinkat(names[1], try descriptor(of: request.node), names[0]))
      try add(new: names[0], of: request, to: &answer)
    case 8:
      let name = request.names(after: 16)[0]
      try require(
        mknodat(try descriptor(of: request.node), name, request.word(0), dev_t(request.word(4))))
      try add(new: name, of: request, to: &answer)
    case 9:
      let name = request.names(after: 8)[0]
      try require(mkdirat(try descriptor(of: request.node), name, request.word(0)))
      try add(new: name, of: request, to: &answer)
    case 10, 11:
      try require(
        unlinkat(
          try descriptor(of: request.node), request.names(after: 0)[0],
          request.code == 11 ? AT_REMOVEDIR : 0))
    case 12, 45:
      let names = request.names(after: request.code == 12 ? 8 : 16)
      if request.code == 45, request.word(8) != 0 { throw Failure(code: EINVAL) }
      try require(
        renameat(
          try descriptor(of: request.node), names[0], try descriptor(of: request.long(0)), names[1])
      )
    case 13:
      let name = request.names(after: 8)[0]
      try require(
        linkat(
          AT_FDCWD, try path(of: request.long(0)), try descriptor(of: request.node), name,
          AT_SYMLINK_FOLLOW))
      try add(entry: name, of: request, to: &answer)
    case 14:
      // Where to write is said with each write.
      let flags = Int32(bitPattern: request.word(0)) & (O_ACCMODE | O_TRUNC)
      answer.add(open: keep(try require(open(try path(of: request.node), flags | O_CLOEXEC))))
    case 35:
      let name = request.names(after: 16)[0]
      let flags = Int32(bitPattern: request.word(0)) & (O_ACCMODE | O_TRUNC | O_EXCL)
      let file = try require(
        openat(
          try descriptor(of: request.node), name, flags | O_CREAT | O_CLOEXEC, request.word(4)))
      try add(new: name, of: request, to: &answer)
      answer.add(open: keep(file))
    case 15:
      var buffer = [UInt8](repeating: 0, count: Int(request.word(16)))
      let count = pread(
        try file(request.long(0)), &buffer, buffer.count, off_t(request.long(8)))
      try require(Int32(clamping: count))
      answer.bytes = Array(buffer[..<count])
    case 16:
      let data = Array(request.bytes[(Request.headerSize + 40)...].prefix(Int(request.word(16))))
      let count = pwrite(try file(request.long(0)), data, data.count, off_t(request.long(8)))
      try require(Int32(clamping: count))
      answer.add(UInt64(count))
    case 17: try addStatus(to: &answer)
    case 18:
      if let file = files.removeValue(forKey: request.long(0)) { close(file) }
    case 20: try require(fsync(try file(request.long(0))))
    case 27:
      lastHandle += 1
      listings[lastHandle] = []
      answer.add(open: lastHandle)
    case 28: try addNames(request, &answer)
    case 29: listings[request.long(0)] = nil
    case 25, 30, 34, 38: break
    default: throw Failure(code: ENOSYS)
    }
    return answer.bytes
  }

  private func greet(_ request: Request, _ answer: inout Answer) {
    answer.add(UInt32(7))
    answer.add(UInt32(31))
    answer.add(request.word(8))
    // Look-ups in one directory do not wait for each other (FUSE_PARALLEL_DIROPS); writes may be
    // large (FUSE_BIG_WRITES).
    answer.add(UInt32(1 << 18 | 1 << 5))
    answer.add(UInt16(64))
    answer.add(UInt16(48))
    answer.add(UInt32(Self.longestWrite))
    answer.add(UInt32(1))
    answer.bytes += [UInt8](repeating: 0, count: 64 - answer.bytes.count)
  }

  // MARK: nodes

  @discardableResult
  private func require(_ value: Int32) throws(Failure) -> Int32 {
    guard value >= 0 else { throw .current }
    return value
  }

  private func descriptor(of node: UInt64) throws(Failure) -> Int32 {
    guard let found = nodes[node] else { throw Failure(code: ESTALE) }
    return found.descriptor
  }

  private func path(of node: UInt64) throws(Failure) -> String {
    "/proc/self/fd/\(try descriptor(of: node))"
  }

  private func file(_ handle: UInt64) throws(Failure) -> Int32 {
    guard let found = files[handle] else { throw Failure(code: EBADF) }
    return found
  }

  private func keep(_ file: Int32) -> UInt64 {
    lastHandle += 1
    files[lastHandle] = file
    return lastHandle
  }

  private func status(of node: UInt64) throws(Failure) -> stat {
    var status = stat()
    try require(fstat(try descriptor(of: node), &status))
    return status
  }

  private func add(attributes status: stat, to answer: inout Answer) {
    answer.add(UInt64(0))
    answer.add(UInt64(0))
    answer.add(attributes: status)
  }

  /// A file is its own number of the directory's file system, which is not given again while it is
  /// held.
  private func add(
    entry name: String, of request: Request, to answer: inout Answer
  ) throws(Failure) {
    let found = try require(
      openat(try descriptor(of: request.node), name, pathOnly | O_NOFOLLOW | O_CLOEXEC))
    var status = stat()
    try require(fstat(found, &status))
    let node = UInt64(status.st_ino)
    if nodes[node] != nil {
      close(found)
      nodes[node]?.lookups += 1
    } else {
      nodes[node] = Node(descriptor: found, lookups: 1)
    }
    answer.add(entry: node, status)
  }

  /// What a user has made is that user's.
  private func add(
    new name: String, of request: Request, to answer: inout Answer
  ) throws(Failure) {
    try require(
      fchownat(
        try descriptor(of: request.node), name, request.user, request.group, AT_SYMLINK_NOFOLLOW))
    try add(entry: name, of: request, to: &answer)
  }

  private func forget(_ node: UInt64, _ count: UInt64) {
    guard node != Self.root, let found = nodes[node] else { return }
    guard found.lookups <= count else {
      nodes[node]?.lookups -= count
      return
    }
    close(found.descriptor)
    nodes[node] = nil
  }

  private func target(of node: UInt64) throws(Failure) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(try descriptor(of: node), "", &buffer, buffer.count)
    try require(Int32(count))
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  private func change(_ request: Request, _ answer: inout Answer) throws(Failure) {
    let wanted = request.word(0)
    let path = try path(of: request.node)
    if wanted & 1 != 0 { try require(chmod(path, request.word(68) & 0o7777)) }
    if wanted & 6 != 0 {
      try require(
        chown(
          path, wanted & 2 != 0 ? request.word(76) : uid_t.max,
          wanted & 4 != 0 ? request.word(80) : gid_t.max))
    }
    if wanted & 8 != 0 { try require(truncate(path, off_t(request.long(16)))) }
    if wanted & 0x1b0 != 0 {
      var times = [timespec(), timespec()]
      for (index, (given, now)) in [(UInt32(1 << 4), UInt32(1 << 7)), (1 << 5, 1 << 8)].enumerated()
      {
        times[index].tv_sec = Int(request.long(32 + 8 * index))
        times[index].tv_nsec = Int(request.word(56 + 4 * index))
        // UTIME_OMIT and UTIME_NOW.
        if wanted & given == 0 { times[index].tv_nsec = (1 << 30) - 2 }
        if wanted & now != 0 { times[index].tv_nsec = (1 << 30) - 1 }
      }
      try require(utimensat(AT_FDCWD, path, times, 0))
    }
    add(attributes: try status(of: request.node), to: &answer)
  }

  private func addStatus(to answer: inout Answer) throws(Failure) {
    var status = statvfs()
    try require(fstatvfs(try descriptor(of: Self.root), &status))
    for value in [
      status.f_blocks, status.f_bfree, status.f_bavail, status.f_files, status.f_ffree,
    ] { answer.add(UInt64(value)) }
    for value in [status.f_bsize, status.f_namemax, status.f_frsize] { answer.add(UInt32(value)) }
    answer.bytes += [UInt8](repeating: 0, count: 80 - answer.bytes.count)
  }

  private func addNames(_ request: Request, _ answer: inout Answer) throws(Failure) {
    let handle = request.long(0)
    let start = Int(request.long(8))
    if start == 0 { listings[handle] = try entries(of: request.node) }
    let all = listings[handle] ?? []
    for index in min(start, all.count)..<all.count {
      let entry = all[index]
      let name = Array(entry.name.utf8)
      guard answer.bytes.count + 32 + name.count <= Int(request.word(16)) else { return }
      answer.add(entry.inode)
      answer.add(UInt64(index + 1))
      answer.add(UInt32(name.count))
      answer.add(entry.type)
      answer.bytes += name
      while answer.bytes.count % 8 != 0 { answer.bytes.append(0) }
    }
  }

  private func entries(of node: UInt64) throws(Failure) -> [Entry] {
    guard let directory = opendir(try path(of: node)) else { throw .current }
    defer { closedir(directory) }
    var entries: [Entry] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      entries.append(
        Entry(name: name, inode: UInt64(entry.pointee.d_ino), type: UInt32(entry.pointee.d_type)))
    }
    return entries
  }
}
