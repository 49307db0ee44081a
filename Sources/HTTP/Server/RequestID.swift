/// Names a request on its connection: the first is 0.
package struct RequestID: Hashable, Sendable {
  let number: Int
}
