import CLibUV

/// Something that libuv has been asked for (`uv_req_t`).
///
/// libuv keeps the request's address until it calls back, so the C struct is on the heap and holds
/// this object until then. One that has ended may be submitted again.
class Request<Struct> {
  private let pointer: UnsafeMutablePointer<Struct>
  private var then: ((Int32) -> Void)?

  /// Makes the C struct on the heap.
  init(_ empty: Struct) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: empty)
  }

  deinit {
    pointer.deallocate()
  }

  /// Hands the request to libuv.
  ///
  /// - Parameters:
  ///   - start: the function that takes it. Its callback has to call ``finish(_:_:)``.
  ///   - then: called once, with what that was given: 0 or an error of libuv's. Before this returns
  ///     if libuv does not take the request.
  final func submit(
    _ start: (UnsafeMutablePointer<Struct>) -> Int32, then: @escaping (Int32) -> Void
  ) {
    self.then = then
    uv_req_set_data(general, Unmanaged.passRetained(self).toOpaque())
    let result = start(pointer)
    if result != 0 { Self.finish(pointer, result) }
  }

  /// Gives up what libuv has not begun (`uv_cancel`): it ends with `ECANCELED`. What has begun goes
  /// on.
  final func cancel() {
    uv_cancel(general)
  }

  private var general: UnsafeMutablePointer<uv_req_t> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_req_t.self)
  }

  /// The object behind a C struct that libuv has.
  static func owner<Owner: Request>(
    of pointer: UnsafeMutablePointer<Struct>?, as type: Owner.Type
  ) -> Owner {
    Unmanaged<Owner>.fromOpaque(data(of: pointer)).takeUnretainedValue()
  }

  /// Ends a request: libuv has called back.
  static func finish(_ pointer: UnsafeMutablePointer<Struct>?, _ status: Int32) {
    let this = Unmanaged<Request>.fromOpaque(data(of: pointer)).takeRetainedValue()
    let then = this.then
    this.then = nil
    then?(status)
  }

  private static func data(
    of pointer: UnsafeMutablePointer<Struct>?
  ) -> UnsafeMutableRawPointer {
    let general = UnsafeMutableRawPointer(pointer)?.assumingMemoryBound(to: uv_req_t.self)
    guard let data = general.flatMap({ uv_req_get_data($0) }) else {
      preconditionFailure("libuv called back for a request that nothing owns")
    }
    return data
  }
}
