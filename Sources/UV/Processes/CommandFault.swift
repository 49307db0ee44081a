import CLinux
import Glibc

/// Why a command could not be executed, where `execve(2)` names something else than the file, or
/// nothing. It is found out after the failure, on the pool: it looks at files, which may hang.
enum CommandFault: Equatable, CustomStringConvertible {
  /// The program of the first line (`#!`), or the loader that an ELF file names, cannot be
  /// executed.
  case interpreter(Interpreter)
  case directory
  case notExecutable(mode: UInt32)
  /// The file system is mounted with `noexec`.
  case noExec
  case empty
  /// A program for another machine, by its name where that is known.
  case machine(String?)
  /// Neither text nor a program for this machine.
  case binary
  /// `#!` with nothing behind it.
  case noInterpreter
  /// The kernel reads 256 bytes of the first line (`BINPRM_BUF_SIZE`).
  case interpreterLineTooLong
  /// A byte order mark stands in front of `#!`.
  case markBeforeInterpreter

  struct Interpreter: Equatable {
    enum Kind: String {
      case script = "interpreter"
      case loader = "dynamic loader"
    }

    let kind: Kind
    let path: String
    /// The file that names it.
    let file: String
    let reason: String
  }

  var description: String {
    switch self {
    case .interpreter(let interpreter):
      let path =
        interpreter.path.hasSuffix("\r")
        ? interpreter.path.dropLast() + "\\r" : interpreter.path[...]
      let hint =
        interpreter.path.hasSuffix("\r") ? "; its first line \(Self.dosLineEnd)" : ""
      return
        "\(interpreter.kind.rawValue) '\(path)' of '\(interpreter.file)': \(interpreter.reason)\(hint)"
    case .directory: return "Is a directory, but must be a program"
    case .notExecutable(let mode):
      return "Permission denied: the file is not executable (mode 0\(String(mode, radix: 8)))"
    case .noExec: return "Permission denied: its file system is mounted with noexec"
    case .empty: return "Exec format error: the file is empty"
    case .machine(let name):
      return "Exec format error: it is a program for another machine"
        + (name.map { " (\($0))" } ?? "")
    case .binary: return "Exec format error: it is neither text nor a program for this machine"
    case .noInterpreter: return "Exec format error: its first line (#!) names no interpreter"
    case .interpreterLineTooLong:
      return "Exec format error: its first line (#!) is longer than the kernel reads"
    case .markBeforeInterpreter:
      return
        "Exec format error: a byte order mark stands in front of its first line (#!); save it without one"
    }
  }

  /// Looks for the fault behind an error of `execve(2)`; nil if that says all.
  init?(_ code: Int32, _ command: CommandPath) {
    let directory = command.workingDirectory ?? "."
    for file in Self.candidates(command) {
      if let fault = Self.find(code, file, directory, depth: 0) {
        self = fault
        return
      }
    }
    return nil
  }

  private static let dosLineEnd = "ends in a carriage return (DOS line ends)"

  /// What is to be said of a command that was executed and is a script whose first line ends in a
  /// carriage return; nil for any other. The kernel hands it on as a part of the last argument:
  /// `/usr/bin/env` is asked for `python3\r`.
  fileprivate static func dosLineEnd(of command: CommandPath) -> String? {
    let directory = command.workingDirectory ?? "."
    for file in candidates(command) {
      let path = file.hasPrefix("/") ? file : "\(directory)/\(file)"
      // What is missing here is further on in the search path; what cannot be read is left alone.
      guard let head = try? Files.beginning(of: path, limit: 4096) else { continue }
      let line = head.prefix { $0 != UInt8(ascii: "\n") }
      guard line.starts(with: "#!".utf8), line.last == UInt8(ascii: "\r") else { return nil }
      return "the first line of '\(file.readable)' \(dosLineEnd)"
    }
    return nil
  }

  /// The files that the command can mean, in the order in which they are tried (`execvp(3)`).
  private static func candidates(_ path: CommandPath) -> [String] {
    guard !path.command.utf8.contains(UInt8(ascii: "/")) else { return [path.command] }
    let directories = path.searchPath.bytes.split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return directories.map { directory in
      directory.isEmpty
        ? path.command : "\(String(system: Array(directory)))/\(path.command)"
    }
  }

  /// How many interpreters may name each other (`exec` has four).
  private static let deepest = 4

  private static func find(
    _ code: Int32, _ file: String, _ directory: String, depth: Int
  ) -> CommandFault? {
    let path = file.hasPrefix("/") ? file : "\(directory)/\(file)"
    // What cannot be seen has no fault of its own: the error of execve stands.
    guard let status = try? Files.status(of: path) else { return nil }
    if status.isDirectory { return code == -EACCES ? .directory : nil }
    guard status.isRegular else { return nil }
    if code == -EACCES {
      if status.mode & 0o111 == 0 { return .notExecutable(mode: status.mode & 0o7777) }
      if path.withSystemPath({ exeio_is_noexec($0) }) == 1 { return .noExec }
    }
    // A program that may be executed but not read is the kernel's alone to judge.
    guard let head = try? Files.beginning(of: path, limit: 64 << 10) else { return nil }
    switch code {
    case -ENOEXEC: return format(head)
    case -ENOENT, -EACCES, -ENOTDIR, -ELOOP:
      guard depth < deepest, let (kind, interpreter) = interpreter(head) else { return nil }
      let inner = interpreter.hasPrefix("/") ? interpreter : "\(directory)/\(interpreter)"
      do throws(UVError) {
        _ = try Files.status(of: inner)
      } catch {
        return .interpreter(
          Interpreter(
            kind: kind, path: interpreter.readable, file: path.readable, reason: error.reason))
      }
      switch find(code, interpreter, directory, depth: depth + 1) {
      case .interpreter(let deeper)?: return .interpreter(deeper)
      case let fault?:
        return .interpreter(
          Interpreter(
            kind: kind, path: interpreter.readable, file: path.readable, reason: "\(fault)"))
      case nil: return nil
      }
    default: return nil
    }
  }

  private static func format(_ head: [UInt8]) -> CommandFault {
    guard !head.isEmpty else { return .empty }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if head.starts(with: mark + "#!".utf8) { return .markBeforeInterpreter }
    if head.starts(with: "#!".utf8) {
      return interpreter(head) == nil ? .noInterpreter : .interpreterLineTooLong
    }
    guard let elf = ELFHeader(head) else { return .binary }
    return elf.machine == ELFHeader.ownMachine ? .binary : .machine(elf.machineName)
  }

  private static func interpreter(_ head: [UInt8]) -> (Interpreter.Kind, String)? {
    if head.starts(with: "#!".utf8) {
      let blanks: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t")]
      let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }
      let path = line.drop { blanks.contains($0) }.prefix { !blanks.contains($0) }
      return path.isEmpty ? nil : (.script, String(system: Array(path)))
    }
    return ELFHeader(head)?.loader.map { (.loader, String(system: $0)) }
  }
}

/// Which file a start executes.
package struct CommandPath: Sendable {
  let command: String
  let workingDirectory: String?
  /// Where a command without a slash is looked for.
  let searchPath: SystemString

  /// How long it may take to find out what is wrong with it: a start that has failed is told by
  /// then.
  static let patience: Duration = .seconds(1)

  /// What competes with a look at it: its file system may hang.
  var lane: PoolLane { .start(place: workingDirectory ?? command) }

  /// Says if the command is a script whose first line ends in a carriage return: of use once it has
  /// been executed and has failed.
  ///
  /// - Parameter then: called once, from the loop, with what is wrong; nil if it is no such
  ///   script, or that cannot be told within a second.
  package func findDOSLineEnd(on loop: Loop, then: @escaping (String?) -> Void) {
    ask(on: loop, { CommandFault.dosLineEnd(of: $0) }, then: then)
  }

  /// Finds out why it could not be executed.
  ///
  /// - Parameter then: called once, from the loop, with the reason; nil if the error says all,
  ///   or no more can be told within a second.
  func findFault(_ code: Int32, on loop: Loop, then: @escaping (String?) -> Void) {
    ask(on: loop, { path in CommandFault(code, path).map { "\($0)" } }, then: then)
  }

  private func ask(
    on loop: Loop, _ question: @escaping @Sendable (CommandPath) -> String?,
    then: @escaping (String?) -> Void
  ) {
    let timer: Timer
    do throws(UVError) {
      timer = try Timer(on: loop)
    } catch {
      return then(nil)
    }
    let path = self
    let work = PoolWork.run(on: loop, lane) {
      question(path)
    } then: { answer in
      timer.close()
      then(answer)
    }
    timer.start(after: Self.patience) {
      timer.close()
      work.cancel()
      then(nil)
    }
  }
}

extension SpawnOptions {
  /// The file that is executed.
  package var commandPath: CommandPath {
    CommandPath(
      command: command, workingDirectory: workingDirectory, searchPath: searchPath)
  }
}

/// What the beginning of an ELF file says (elf(5)), in this machine's byte order.
struct ELFHeader {
  /// `e_machine`
  let machine: UInt16
  /// The path of the dynamic loader (`PT_INTERP`).
  let loader: [UInt8]?

  /// Nil for what is no ELF file.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 20, bytes.starts(with: [0x7F] + Array("ELF".utf8)) else { return nil }
    let isLittle = bytes[5] != 2
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start >= 0, start <= bytes.count - count else { return nil }
      let part = bytes[start..<start + count]
      let value = (isLittle ? Array(part.reversed()) : Array(part)).reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
      return Int(exactly: value)
    }
    machine = UInt16(number(18, 2) ?? 0)
    let isWide = bytes[4] == 2
    guard let table = number(isWide ? 32 : 28, isWide ? 8 : 4),
      let size = number(isWide ? 54 : 42, 2), let count = number(isWide ? 56 : 44, 2),
      table <= bytes.count
    else {
      loader = nil
      return
    }
    for index in 0..<count {
      let entry = table + index * size
      guard let type = number(entry, 4) else { break }
      guard type == 3 else { continue }
      guard let start = number(entry + (isWide ? 8 : 4), isWide ? 8 : 4),
        let length = number(entry + (isWide ? 32 : 16), isWide ? 8 : 4),
        length > 1, length <= 4096, start <= bytes.count - length
      else { break }
      loader = Array(bytes[start..<start + length].prefix { $0 != 0 })
      return
    }
    loader = nil
  }

  /// That of the program that runs.
  static var ownMachine: UInt16? {
    // Without /proc, only the name of the other machine is missing from a message.
    (try? Files.beginning(of: "/proc/self/exe", limit: 20)).flatMap(ELFHeader.init)?.machine
  }

  var machineName: String? {
    let names: [UInt16: String] = [
      3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "S390", 40: "ARM", 62: "x86-64",
      183: "AArch64", 243: "RISC-V", 258: "LoongArch",
    ]
    return names[machine]
  }
}
