import CLibUV
import CLinux
import Glibc

extension File {
  /// What the system says about the file of that name, on the spot (`stat(2)`).
  package static func statusNow(_ path: String) throws(UVError) -> FileStatus {
    var status = stat()
    try UVError.system("look at", path) { path.withSystemPath { stat($0, &status) } }
    return FileStatus(status)
  }
}
