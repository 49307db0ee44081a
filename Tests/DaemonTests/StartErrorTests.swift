import ExeioDaemon
import Glibc
import Testing
import UV

/// A start that failed says what to do, where there is a common cure.
struct StartErrorTests {
  @Test(arguments: [
    (EADDRINUSE, "127.0.0.1:80", "choose another with --port"),
    (EADDRINUSE, "/run/x.sock", "choose another with --socket"),
    (EADDRNOTAVAIL, "192.0.2.1:80", "--host"),
    (EACCES, "127.0.0.1:80", "CAP_NET_BIND_SERVICE"),
    (EACCES, "/run/x.sock", "; choose another with --socket"),
  ])
  func theCureOfAListenersTroubleIsNamed(code: Int32, subject: String, words: String) {
    let error = UVError(code: -code, operation: "listen on", subject: subject)
    let message = StartError(error, socketPath: "/run/x.sock").message
    #expect(message.hasPrefix("listen on '\(subject)': ") && message.contains(words), "\(message)")
    #expect(!message.contains("\n"))
    #expect(!subject.hasPrefix("/") || !message.contains("port"))
  }

  @Test func anotherErrorIsToldAsItIs() {
    let error = UVError(code: -EACCES, operation: "open", subject: "/data/run-state")
    #expect(StartError(error, socketPath: nil).message == "\(error)")
  }
}
