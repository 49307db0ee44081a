import CLibUV

/// A connection being made.
final class ConnectRequest {
  typealias Then = (Result<Stream, UVError>) -> Void

  private let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
  private let stream: Stream
  private let operation: UVError.Operation
  private let subject: String
  private let then: Then

  private init(
    _ stream: Stream, _ operation: UVError.Operation, _ subject: String, _ then: @escaping Then
  ) {
    self.stream = stream
    self.operation = operation
    self.subject = subject
    self.then = then
  }

  deinit {
    request.deallocate()
  }

  static func submit(
    _ stream: Stream, operation: UVError.Operation, subject: String, then: @escaping Then,
    _ start: (UnsafeMutablePointer<uv_connect_t>, uv_connect_cb) -> Int32
  ) {
    let this = ConnectRequest(stream, operation, subject, then)
    this.request.initialize(to: uv_connect_t())
    this.request.pointee.data = Unmanaged.passRetained(this).toOpaque()
    let result = start(this.request) { ConnectRequest.finish($0, $1) }
    if result != 0 {
      Unmanaged.passUnretained(this).release()
      this.tell(result)
    }
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
    guard let data = request?.pointee.data else { return }
    Unmanaged<ConnectRequest>.fromOpaque(data).takeRetainedValue().tell(status)
  }

  private func tell(_ status: Int32) {
    if let error = UVError(result: Int(status), operation, subject) {
      stream.close()
      then(.failure(error))
    } else {
      stream.sendAtOnce()
      then(.success(stream))
    }
  }
}
