/// Reads the output of all children of a loop: one buffer, one timer.
///
/// A child that writes a line now and then would cost a wake-up, a read and two changes of the
/// watch for each. So after something was read, a pipe is taken off the watch and read at the
/// next polls, until it has been silent for some. The timer runs only while a pipe is polled.
package final class OutputScheduler {
  /// Where everything is read to; what is read is consumed before the next read.
  let buffer = ByteBuffer(capacity: 256 * 1024)
  private let timer: Timer
  private var listed: [OutputPipe] = []
  private var isClosed = false

  /// The time between two polls.
  static let interval = Duration.milliseconds(10)

  /// Makes a scheduler with nothing to read.
  package init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Has a pipe polled next time.
  func add(_ pipe: OutputPipe) {
    guard !isClosed else { return }
    listed.append(pipe)
    if !timer.isActive {
      timer.start(after: Self.interval, repeating: Self.interval) { [unowned self] in visit() }
    }
  }

  private func visit() {
    let pipes = listed
    listed = []
    listed.reserveCapacity(pipes.count)
    for pipe in pipes { pipe.poll() }
    if listed.isEmpty { timer.stop() }
  }

  /// Ends the polling: to be called once every pipe is closed.
  package func close() {
    isClosed = true
    listed = []
    timer.close()
  }
}
