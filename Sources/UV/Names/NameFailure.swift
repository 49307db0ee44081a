import CLibUV

/// Why a name has no address.
enum NameFailure: Error, Equatable {
  /// It cannot be one.
  case notAName
  /// Neither the file nor a server knows it.
  case noSuchName
  /// It is known, and has no address.
  case noAddress
  /// What the servers said is no answer: they are not there, refuse, or are broken.
  case serversFailed([String])
  /// Nothing has come back.
  case serversSilent([String])
  /// The files that tell how to look it up were not read.
  case filesSilent

  /// The error that is told.
  func error(_ host: String) -> UVError {
    var error = UVError(code: code, operation: "resolve", subject: host)
    error.detail =
      switch self {
      case .notAName: "not the name of a host"
      case .noSuchName: "no such name"
      case .noAddress: "the name has no address"
      case .serversFailed(let servers): "the name server failed\(Self.list(servers))"
      case .serversSilent(let servers): "the name server did not answer\(Self.list(servers))"
      case .filesSilent: "the files of name resolution in /etc cannot be read now"
      }
    return error
  }

  private var code: Int32 {
    let code =
      switch self {
      case .notAName, .noSuchName: UV_EAI_NONAME
      case .noAddress: UV_EAI_NODATA
      case .serversFailed: UV_EAI_FAIL
      case .serversSilent, .filesSilent: UV_EAI_AGAIN
      }
    return Int32(code.rawValue)
  }

  private static func list(_ servers: [String]) -> String {
    servers.isEmpty ? "" : " (\(servers.joined(separator: ", ")))"
  }

  /// Which of two is told: what may be different the next time goes before what is certain of one
  /// of several names.
  func orMoreTelling(_ other: NameFailure?) -> NameFailure {
    guard let other, other.weight > weight else { return self }
    return other
  }

  private var weight: Int {
    switch self {
    case .notAName, .noSuchName: 0
    case .noAddress: 1
    case .serversFailed: 2
    case .serversSilent, .filesSilent: 3
    }
  }
}
