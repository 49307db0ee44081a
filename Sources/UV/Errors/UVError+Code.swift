package import Basics
import CLibUV
import Glibc

extension UVError {
  /// Which error it is, as libuv tells it: a negative errno, or one of libuv's own (`UV_EOF`,
  /// `UV_EAI_…`).
  package struct Code: Hashable, Sendable, RawRepresentable {
    package let rawValue: Int32

    /// libuv's number.
    package init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    private init(errno: Int32) {
      rawValue = -errno
    }

    /// `EACCES`
    package static let permissionDenied = Code(errno: EACCES)
    /// `EADDRINUSE`
    package static let addressInUse = Code(errno: EADDRINUSE)
    /// `EADDRNOTAVAIL`
    package static let addressNotAvailable = Code(errno: EADDRNOTAVAIL)
    /// `EAFNOSUPPORT`
    package static let addressFamilyNotSupported = Code(errno: EAFNOSUPPORT)
    /// `EAGAIN`, which is `EWOULDBLOCK`
    package static let wouldBlock = Code(errno: EAGAIN)
    /// `EBADF`
    package static let badFileDescriptor = Code(errno: EBADF)
    /// `EBUSY`
    package static let resourceBusy = Code(errno: EBUSY)
    /// `ECANCELED`
    package static let canceled = Code(errno: ECANCELED)
    /// `EEXIST`
    package static let fileExists = Code(errno: EEXIST)
    /// `EINVAL`
    package static let invalidArgument = Code(errno: EINVAL)
    /// `EMFILE`
    package static let tooManyOpenFiles = Code(errno: EMFILE)
    /// `ENODEV`
    package static let noSuchDevice = Code(errno: ENODEV)
    /// `ENOENT`
    package static let noSuchFileOrDirectory = Code(errno: ENOENT)
    /// `ECONNABORTED`
    package static let connectionAborted = Code(errno: ECONNABORTED)
    /// `ELOOP`
    package static let tooManySymbolicLinkLevels = Code(errno: ELOOP)
    /// `ENFILE`
    package static let tooManyOpenFilesInSystem = Code(errno: ENFILE)
    /// `ENOMEM`
    package static let noMemory = Code(errno: ENOMEM)
    /// `ENOTCONN`
    package static let notConnected = Code(errno: ENOTCONN)
    /// `ENOSYS`
    package static let noFunction = Code(errno: ENOSYS)
    /// `ENOTDIR`
    package static let notDirectory = Code(errno: ENOTDIR)
    /// `ENOTSOCK`
    package static let notSocket = Code(errno: ENOTSOCK)
    /// `ENOTSUP`
    package static let notSupported = Code(errno: ENOTSUP)
    /// `EPERM`
    package static let notPermitted = Code(errno: EPERM)
    /// `EPIPE`
    package static let brokenPipe = Code(errno: EPIPE)
    /// `ESRCH`
    package static let noSuchProcess = Code(errno: ESRCH)
    /// `ESTALE`
    package static let staleFileHandle = Code(errno: ESTALE)
    /// `ETIMEDOUT`
    package static let timedOut = Code(errno: ETIMEDOUT)
    /// `EXDEV`
    package static let improperLink = Code(errno: EXDEV)

    /// The errno; nil for libuv's own codes.
    package var errno: Int32? { (-999 ... -1).contains(rawValue) ? -rawValue : nil }

    /// Whether the caller may not do so (`EACCES`, `EPERM`).
    package var isDenial: Bool { self == .permissionDenied || self == .notPermitted }

    /// Whether a disk takes nothing now, and may take it later: full, a quota or the limit of the
    /// size of files (`ulimit -f`) reached, mounted read-only, broken.
    package var isOfFullDisk: Bool {
      switch errno {
      case ENOSPC, EDQUOT, EFBIG, EROFS, EIO: true
      default: false
      }
    }
  }

  /// What was being done: the beginning of the message. Those that something depends on have a name
  /// here.
  package struct Operation: Hashable, Sendable, ExpressibleByStringInterpolation,
    CustomStringConvertible
  {
    /// As the message says it: `open`.
    package let description: String
    /// The controller whose limit was being set; nil for everything else.
    package private(set) var limit: CgroupController?

    /// What the message says.
    package init(_ description: String) {
      self.description = description
    }

    package init(stringLiteral value: String) {
      description = value
    }

    /// The same, done to set the limit of a controller.
    func setting(_ limit: CgroupController) -> Operation {
      var operation = self
      operation.limit = limit
      return operation
    }

    /// Starting the process that forks (``Loop/startForkServer()``).
    package static let startForkServer: Operation = "start the fork server"
    /// Starting the threads of the pool.
    package static let startWorkers: Operation = "start worker threads"
    /// Keeping the owner of a file that is rewritten.
    static let keepOwner: Operation = "keep the owner of"
    package static let setPriority: Operation = "setpriority"
    package static let setResourceLimit: Operation = "setrlimit"
    package static let setGroups: Operation = "setgroups"
    package static let setGroupID: Operation = "setresgid"
    package static let setUserID: Operation = "setresuid"
    package static let changeDirectory: Operation = "chdir"
    package static let execute: Operation = "execute"
    package static let listen: Operation = "listen on"
    package static let lock: Operation = "lock"
    package static let open: Operation = "open"
    package static let rename: Operation = "rename"
    package static let waitFor: Operation = "wait for"
  }
}
