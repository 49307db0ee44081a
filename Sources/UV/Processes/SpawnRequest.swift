import Basics
import CLinux
import Glibc

/// What the fork server is asked for: the options of a child as a message (`struct exeio_request`).
struct SpawnRequest {
  /// What becomes descriptor 0 and on, and a cgroup's open directory behind them.
  private let descriptorCount: Int
  private let options: SpawnOptions

  /// Checks the options: throws for what no string of C can hold, and for more sockets than a
  /// message takes.
  init(_ options: SpawnOptions) throws(UVError) {
    let texts = [options.command] + options.arguments
    guard !texts.contains(where: { $0.utf8.contains(0) }),
      !options.environment.contains(where: { $0.bytes.contains(0) }),
      options.mark?.bytes.contains(0) != true
    else {
      throw UVError(code: -EINVAL, operation: .execute, subject: options.command)
    }
    if let directory = options.workingDirectory, directory.utf8.contains(0) {
      throw UVError(code: -EINVAL, operation: .changeDirectory, subject: directory)
    }
    descriptorCount = 3 + options.sockets.count + (options.cgroup == nil ? 0 : 1)
    // The memory of a long request and the report's pipe go with them.
    guard descriptorCount + 2 <= Int(EXEIO_MOST_DESCRIPTORS) else {
      throw UVError(
        code: -E2BIG, operation: "hand over \(options.sockets.count) sockets to",
        subject: options.command)
    }
    self.options = options
  }

  /// The message.
  ///
  /// - Parameters:
  ///   - report: where it is told what becomes of it.
  ///   - descriptors: those of the request, the report's pipe first; one for the memory of a long
  ///     request comes in front.
  func message(
    to report: UnsafePointer<exeio_report>, _ descriptors: inout [Int32], _ bag: DescriptorBag
  ) throws(UVError) -> [UInt8] {
    let bytes = bytes(UInt64(UInt(bitPattern: report)))
    guard bytes.count > EXEIO_LONGEST_MESSAGE else { return bytes }
    let memory = bag.hold(
      try UVError.system("make memory for", options.command) {
        memfd_create("exeio-start", UInt32(MFD_CLOEXEC))
      })
    try Files.writeAll(bytes, to: memory, options.command)
    descriptors.insert(memory, at: 0)
    return [0]
  }

  private func bytes(_ report: UInt64) -> [UInt8] {
    var header = exeio_request()
    header.report_address = report
    var body = Body(start: MemoryLayout<exeio_request>.size)
    header.descriptor_count = Int32(descriptorCount)
    header.has_cgroup = options.cgroup == nil ? 0 : 1
    let limits = limits
    header.limit_count = Int32(limits.count)
    header.limits_at = body.add(limits)
    header.has_nice = options.nice == nil ? 0 : 1
    header.nice = options.nice ?? 0
    let identity = options.identity
    let groups: [gid_t] = identity.supplementaryGroups ?? []
    header.has_groups = identity.supplementaryGroups == nil ? 0 : 1
    header.group_count = Int32(groups.count)
    header.groups_at = body.add(groups)
    header.has_gid = identity.group == nil ? 0 : 1
    header.gid = identity.group ?? 0
    header.has_uid = identity.user == nil ? 0 : 1
    header.uid = identity.user ?? 0
    header.umask = options.umask.map { Int32($0 & 0o777) } ?? -1
    header.directory_at = options.workingDirectory.map { body.add($0.systemBytes) } ?? 0
    header.file_at = body.add(options.command.systemBytes)
    header.path_at = body.add(options.searchPath.bytes)
    header.mark_at = options.mark.map { body.add($0.bytes) } ?? 0
    let arguments = options.arguments.map(\.systemBytes)
    header.arguments_at = body.add(list: [options.command.systemBytes] + arguments).list
    header.shell_arguments_at = body.add(list: [Array("/bin/sh".utf8), []] + arguments).list
    (header.environment_at, header.numbers_at) = addEnvironment(to: &body)
    let start = withUnsafeBytes(of: header) { Array($0) }
    return start + body.bytes
  }

  /// Adds the variables, with room for the child's own number in those that have it.
  private func addEnvironment(to body: inout Body) -> (environment: UInt64, numbers: UInt64) {
    let names = (options.sockets.isEmpty ? [] : ["LISTEN_PID"]) + options.numberVariables
    // A name that stands there twice means the first to some, and the second to others.
    let others = options.environment.map(\.bytes).filter { variable in
      !names.contains { variable.starts(with: "\($0)=".utf8) }
    }
    let room = [UInt8](repeating: UInt8(ascii: " "), count: 10)
    let (list, places) = body.add(list: others + names.map { Array("\($0)=".utf8) + room })
    let numbers = zip(names, places.dropFirst(others.count)).map { name, place in
      place + UInt64(name.utf8.count) + 1
    }
    return (list, numbers.isEmpty ? 0 : body.add(numbers + [0]))
  }

  /// Those of the options; the soft one on descriptors is that of children where they do not say
  /// otherwise.
  private var limits: [exeio_limit] {
    var limits = options.limits.map { limit in
      exeio_limit(resource: limit.resource.number, soft: limit.value, hard: limit.value)
    }
    if !options.limits.contains(where: { $0.resource == .openFiles }),
      let (soft, hard) = SystemProcess.descriptorLimitOfChildren
    {
      limits.append(
        exeio_limit(resource: ResourceLimits.Resource.openFiles.number, soft: soft, hard: hard))
    }
    return limits
  }

  /// What stands behind the header: every place is counted from the header's beginning.
  private struct Body {
    let start: Int
    var bytes: [UInt8] = []

    private var end: UInt64 { UInt64(start + bytes.count) }

    private mutating func align() {
      while (start + bytes.count) % 8 != 0 { bytes.append(0) }
    }

    /// A string, with a NUL behind it.
    mutating func add(_ string: [UInt8]) -> UInt64 {
      let place = end
      bytes += string
      bytes.append(0)
      return place
    }

    /// Values as they are in memory; 0 where there are none.
    mutating func add<Value: BitwiseCopyable>(_ values: [Value]) -> UInt64 {
      guard !values.isEmpty else { return 0 }
      align()
      let place = end
      values.withUnsafeBytes { bytes += $0 }
      return place
    }

    /// Strings, and the row of their places.
    mutating func add(list strings: [[UInt8]]) -> (list: UInt64, places: [UInt64]) {
      let places = strings.map { add($0) }
      return (add(places + [0]), places)
    }
  }
}

/// What became of a start, as the fork server and the child have written it.
struct SpawnReport {
  private let report: exeio_report

  init(_ report: exeio_report) {
    self.report = report
  }

  /// The process that executes the command; nil while there is none.
  var pid: Int32? { report.pid > 0 ? report.pid : nil }

  /// When that was made, in clock ticks since the boot; nil if it could not tell.
  var startTime: UInt64? { report.start_time > 0 ? report.start_time : nil }

  /// Why the command was not executed; nil if that has not been said.
  func failure(_ options: SpawnOptions) -> UVError? {
    guard report.has_failed != 0 else { return nil }
    let (operation, subject) = step(options)
    return UVError(code: -report.code, operation: operation, subject: subject)
  }

  /// What was being done, and to what.
  func step(_ options: SpawnOptions) -> (operation: UVError.Operation, subject: String?) {
    let identity = options.identity
    switch report.step {
    case EXEIO_STEP_CGROUP: return ("enter the cgroup", options.cgroup?.path)
    case EXEIO_STEP_LIMIT:
      let place = Int(report.place)
      let resource =
        options.limits.indices.contains(place) ? options.limits[place].resource : .openFiles
      return (.setResourceLimit, resource.kernelName)
    case EXEIO_STEP_NICE: return (.setPriority, options.nice.map { "\($0)" })
    case EXEIO_STEP_GROUPS:
      return (.setGroups, identity.supplementaryGroups.map { "\($0.count) groups" })
    case EXEIO_STEP_GROUP: return (.setGroupID, identity.group.map { "\($0)" })
    case EXEIO_STEP_USER: return (.setUserID, identity.user.map { "\($0)" })
    case EXEIO_STEP_DIRECTORY: return (.changeDirectory, options.workingDirectory)
    case EXEIO_STEP_DESCRIPTOR: return ("hand over descriptors to", options.command)
    case EXEIO_STEP_GATE: return (.waitFor, options.awaited)
    // Where there is no process yet as well: a user who has as many as he may have.
    default: return (.execute, options.command)
    }
  }
}
