import CLibUV

/// One piece of file work on libuv's pool (`uv_fs_t`), with what is done when it is done.
///
/// It holds itself from the submission to the callback, exactly once.
final class FileRequest: PoolJob {
  /// libuv's `uv_fs_…` functions, with all but loop, request and callback filled in.
  typealias Start = (
    UnsafeMutablePointer<uv_loop_t>, UnsafeMutablePointer<uv_fs_t>, uv_fs_cb
  ) -> Int32
  /// What came of it: a count or descriptor (negative: an error), and the request itself.
  typealias Completion = (Int, UnsafePointer<uv_fs_t>) -> Void

  private let request: UnsafeMutablePointer<uv_fs_t>
  private let start: Start
  private let completion: Completion

  private init(_ place: PoolPlace, _ start: @escaping Start, _ completion: @escaping Completion) {
    request = .allocate(capacity: 1)
    request.initialize(to: uv_fs_t())
    self.start = start
    self.completion = completion
    super.init(place)
  }

  deinit {
    uv_fs_req_cleanup(request)
    request.deallocate()
  }

  /// Hands the work to the pool, which gives it a thread as ``Pool`` says. `completion` is called from the loop; on the spot
  /// only when libuv refuses the request at once, which takes a lack of memory.
  static func submit(
    in place: PoolPlace, _ start: @escaping Start, completion: @escaping Completion
  ) {
    place.pool.submit(FileRequest(place, start, completion))
  }

  override func begin() -> Int32 {
    uv_req_set_data(general, Unmanaged.passRetained(self).toOpaque())
    let result = start(place.pool.loopPointer, request) { FileRequest.finish($0) }
    if result < 0 {
      Unmanaged.passUnretained(self).release()
    } else {
      WorkerPool.noteBegun()
    }
    return result
  }

  override func refused(_ code: Int32) {
    completion(Int(code), request)
  }

  private var general: UnsafeMutablePointer<uv_req_t> {
    UnsafeMutableRawPointer(request).assumingMemoryBound(to: uv_req_t.self)
  }

  private static func finish(_ request: UnsafeMutablePointer<uv_fs_t>?) {
    guard let request, let data = request.pointee.data else { return }
    let this = Unmanaged<FileRequest>.fromOpaque(data).takeRetainedValue()
    WorkerPool.noteDone()
    this.place.pool.finished(this)
    this.completion(request.pointee.result, request)
  }
}

extension FileRequest {
  /// Submits work that either succeeds or fails, without a value.
  static func submit(
    in place: PoolPlace, _ operation: UVError.Operation, _ subject: String?,
    _ start: @escaping Start,
    then: @escaping (UVError?) -> Void
  ) {
    submit(in: place, start) { result, _ in
      then(UVError(result: result, operation, subject))
    }
  }
}

extension UVError {
  /// The error in the result of a request, if it is one.
  init?(result: Int, _ operation: UVError.Operation, _ subject: String?) {
    guard result < 0 else { return nil }
    self.init(code: Int32(clamping: result), operation: operation, subject: subject)
  }
}
