import CAres
import CLibUV
import CLinux
import Glibc

/// Who has sent a message: `struct ucred` of unix(7), which Glibc's module leaves out.
struct Credentials {
  var pid: Int32
  var user: UInt32
  var group: UInt32
}

/// Steps through what came beside the bytes of a message, as the macros of cmsg(3) do.
struct ControlMessages {
  /// What is understood of it.
  enum Item {
    /// `SCM_CREDENTIALS`
    case credentials(Credentials)
    /// `SCM_RIGHTS`: they are open in this process, and the reader has to close them.
    case descriptors([Int32])
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private static let credentials: Int32 = 2

  /// - Parameter bytes: as many as the kernel has filled in, aligned as `struct cmsghdr` is.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next one; others are passed over.
  mutating func next() -> Item? {
    let headerSize = MemoryLayout<cmsghdr>.size
    while position + headerSize <= bytes.count {
      let header = bytes.load(fromByteOffset: position, as: cmsghdr.self)
      let length = Int(header.cmsg_len)
      guard length >= headerSize, length <= bytes.count - position else { return nil }
      let data = UnsafeRawBufferPointer(
        rebasing: bytes[(position + headerSize)..<(position + length)])
      let alignment = MemoryLayout<Int>.alignment
      position += (length + alignment - 1) / alignment * alignment
      guard header.cmsg_level == SOL_SOCKET else { continue }
      switch header.cmsg_type {
      case Self.credentials where data.count >= MemoryLayout<Credentials>.size:
        return .credentials(data.load(as: Credentials.self))
      case Int32(SCM_RIGHTS):
        return .descriptors(
          (0..<(data.count / MemoryLayout<Int32>.size)).map {
            data.load(fromByteOffset: $0 * MemoryLayout<Int32>.size, as: Int32.self)
          })
      default: continue
      }
    }
    return nil
  }
}
