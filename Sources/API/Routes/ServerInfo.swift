/// What `GET /info` tells every client.
package struct ServerInfo: Hashable, Sendable {
  package var name = "exeio"
  /// `1.0.0`
  package var version: String
  /// Where it listens: `http://127.0.0.1:8080`.
  package var url: String

  package init(version: String, url: String) {
    self.version = version
    self.url = url
  }
}
