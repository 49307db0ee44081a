/// What a request comes to, and who asks for it.
package struct RoutedRequest {
  package let routed: Routed
  /// What the audit line says of it once it is answered.
  package let subject: AuditSubject

  init(_ routed: Routed, _ subject: AuditSubject) {
    self.routed = routed
    self.subject = subject
  }
}
