/// What a request comes to, and who asks for it.
package struct RoutedRequest {
  package let routed: Routed
  /// What the audit line says of it once it is answered.
  package let subject: AuditSubject

  /// What its answer says of old names that its body uses; nil if no route of the kind was
  /// asked.
  package let warnings: [String]?

  init(_ routed: Routed, _ subject: AuditSubject, warnings: [String]? = nil) {
    self.routed = routed
    self.subject = subject
    self.warnings = warnings
  }
}
