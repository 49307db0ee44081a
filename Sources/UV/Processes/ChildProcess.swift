import Basics
import CLibUV
import CLinux
import Glibc

/// A child process: it leads a session and a process group of its own.
///
/// The loop's registry holds it until its exit was told. Its pipes stay open after that, since
/// there may be something in them: its owner calls ``close()`` in the end, whatever happened.
package final class ChildProcess {
  /// The process id, which is the id of its group too. After the exit was told, the number may
  /// belong to another process.
  package let pid: Int32
  /// When it was made, in clock ticks since the boot; nil if it could not tell.
  package let startTime: UInt64?
  /// The child's standard input.
  package let input: ChildInput
  /// The child's standard output.
  package let output: OutputPipe
  /// The child's standard error.
  package let errorOutput: OutputPipe
  /// What it used of the CPUs, and the children that it had waited for; nil before its exit was
  /// told.
  package private(set) var cpuTime: Duration?

  private let exitWatch: DescriptorWatch
  private var onExit: ((ExitStatus) -> Void)?

  /// Takes over a child that executes its command; the descriptors are its own then.
  ///
  /// - Throws: what the system lacks (`EMFILE`); the child is killed then.
  init(
    _ pid: Int32, startTime: UInt64?, _ pipes: ChildPipes, _ options: SpawnOptions, on loop: Loop,
    reader: OutputScheduler, _ descriptors: DescriptorBag, onExit: @escaping (ExitStatus) -> Void
  ) throws(UVError) {
    var made: [Handle] = []
    do throws(UVError) {
      func watch(_ descriptor: Int32) throws(UVError) -> DescriptorWatch {
        let watch = try DescriptorWatch(descriptor, on: loop)
        descriptors.release(descriptor)
        made.append(watch)
        return watch
      }
      exitWatch = try watch(
        descriptors.hold(try UVError.system("watch", options.command) { pidfd_open(pid, 0) }))
      output = OutputPipe(try watch(pipes.output), scheduler: reader)
      errorOutput = OutputPipe(try watch(pipes.errorOutput), scheduler: reader)
      let stream = try Stream.adopting(pipes.input, .pipe, peer: options.command, on: loop)
      descriptors.release(pipes.input)
      input = ChildInput(stream)
    } catch {
      ProcessGroups.killGroup(ledBy: pid)
      for handle in made { handle.close() }
      throw error
    }
    self.pid = pid
    self.startTime = startTime
    self.onExit = onExit
    loop.children[pid] = self
    exitWatch.whenReadable { [unowned self] in collectExit() }
    exitWatch.watch()
  }

  /// Takes the status of the child if it has ended (`wait4`): asked by its pidfd and by the
  /// ``OrphanReaper``, whichever is first.
  func collectExit() {
    guard !exitWatch.isClosing else { return }
    var status: Int32 = 0
    var usage = rusage()
    var result: pid_t
    repeat { result = wait4(pid, &status, WNOHANG, &usage) } while result == -1 && errno == EINTR
    guard result != 0 else { return }
    if result == pid { cpuTime = Duration(usage.ru_utime) + Duration(usage.ru_stime) }
    let onExit = self.onExit
    forget()
    onExit?(result == pid ? ExitStatus(waitStatus: status) : .code(-1))
  }

  private func forget() {
    if exitWatch.loop.children[pid] === self { exitWatch.loop.children[pid] = nil }
    exitWatch.close()
    onExit = nil
  }

  /// Stops watching and closes the pipes; the child itself lives on. A caller that wants no zombie
  /// of it has an ``OrphanReaper``.
  package func close() {
    if !exitWatch.isClosing { forget() }
    input.close()
    output.close()
    errorOutput.close()
  }
}

extension Duration {
  fileprivate init(_ time: timeval) {
    self = withUnsafePointer(to: time) { .microseconds(exeio_microseconds($0)) }
  }
}
