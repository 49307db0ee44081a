import CLibUV

/// Something that lives on a loop (`uv_handle_t`) and must be closed before it may go.
///
/// libuv keeps the handle's address until the close callback, so the C struct is on the heap and
/// holds this object; the close callback is the only place that lets both go.
package class Handle {
  /// The loop that this handle lives on.
  package let loop: Loop
  private var memory: UnsafeMutableRawPointer?
  private var afterClose: (() -> Void)?
  /// Whether ``close(_:)`` has been called.
  package private(set) var isClosing = false

  /// Makes the C handle on the heap.
  ///
  /// - Parameters:
  ///   - type: the C struct.
  ///   - operation: what is being done, for the error.
  ///   - initialize: libuv's init function; when it fails the struct is not a handle.
  init<Struct>(
    _ type: Struct.Type, on loop: Loop, _ operation: UVError.Operation,
    _ initialize: (UnsafeMutablePointer<Struct>) -> Int32
  ) throws(UVError) {
    self.loop = loop
    let typed = UnsafeMutablePointer<Struct>.allocate(capacity: 1)
    let result = initialize(typed)
    guard result == 0 else {
      typed.deallocate()
      throw UVError(code: result, operation: operation)
    }
    memory = UnsafeMutableRawPointer(typed)
    uv_handle_set_data(handle, Unmanaged.passRetained(self).toOpaque())
  }

  deinit {
    precondition(memory == nil, "a handle was dropped without close()")
  }

  /// The C handle as libuv's general functions want it.
  final var handle: UnsafeMutablePointer<uv_handle_t> {
    pointer(as: uv_handle_t.self)
  }

  /// The C handle as one of its kinds.
  final func pointer<Struct>(as type: Struct.Type) -> UnsafeMutablePointer<Struct> {
    guard let memory else { preconditionFailure("a handle was used after it was closed") }
    return memory.assumingMemoryBound(to: type)
  }

  /// The object behind a C handle.
  static func owner<Owner: Handle, Struct>(
    of handle: UnsafeMutablePointer<Struct>?, as type: Owner.Type
  ) -> Owner {
    let general = UnsafeMutableRawPointer(handle)?.assumingMemoryBound(to: uv_handle_t.self)
    guard let data = general.flatMap({ uv_handle_get_data($0) }) else {
      preconditionFailure("libuv called back for a handle that has no owner")
    }
    return Unmanaged<Owner>.fromOpaque(data).takeUnretainedValue()
  }

  /// Closes the handle (`uv_close`); closing it again does nothing but call `then`.
  ///
  /// - Parameter then: called from the loop once the handle is closed.
  package func close(_ then: (() -> Void)? = nil) {
    if let then {
      guard memory != nil else { return then() }
      let earlier = afterClose
      afterClose = {
        earlier?()
        then()
      }
    }
    guard !isClosing else { return }
    isClosing = true
    uv_close(handle) { Handle.owner(of: $0, as: Handle.self).didClose() }
    closeResources()
  }

  private func didClose() {
    Unmanaged<Handle>.passUnretained(self).release()
    memory?.deallocate()
    memory = nil
    releaseClosures()
    let then = afterClose
    afterClose = nil
    then?()
  }

  /// Closes what else a kind of handle owns; libuv no longer watches the handle by now.
  func closeResources() {}

  /// Drops the closures that were handed in: they often hold the handle itself.
  func releaseClosures() {}

  /// Whether libuv has something to watch for this handle (`uv_is_active`).
  final var isHandleActive: Bool {
    !isClosing && uv_is_active(handle) != 0
  }

  /// Lets the loop end although the handle is active (`uv_unref`).
  package final func unref() {
    if !isClosing { uv_unref(handle) }
  }
}
