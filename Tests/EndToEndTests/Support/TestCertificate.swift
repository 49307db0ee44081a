import Foundation
import Glibc

/// A certificate that signs itself, made once a run.
struct TestCertificate {
  let certificate: URL
  let key: URL

  static let shared: Result<TestCertificate, any Error> = Result { try TestCertificate() }
  private static let directory = URL(fileURLWithPath: NSTemporaryDirectory())
    .appendingPathComponent("exeio-certificate-\(UUID().uuidString)")

  private init() throws {
    try FileManager.default.createDirectory(at: Self.directory, withIntermediateDirectories: true)
    atexit {
      do {
        try FileManager.default.removeItem(at: TestCertificate.directory)
      } catch {
        print("could not remove the certificate: \(error)")
      }
    }
    certificate = Self.directory.appendingPathComponent("certificate.pem")
    key = Self.directory.appendingPathComponent("key.pem")
    let said = try ShortRun.output(
      of: "/usr/bin/env",
      [
        "sh", "-c", #"exec "$@" 2>&1"#, "sh", "openssl", "req", "-x509", "-newkey", "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(NginxUnderTest.name)",
        "-addext", "subjectAltName=DNS:\(NginxUnderTest.name)",
        "-keyout", key.path, "-out", certificate.path,
      ])
    guard FileManager.default.fileExists(atPath: certificate.path) else {
      throw NeverHappened(description: "openssl made no certificate: \(said)")
    }
  }
}
