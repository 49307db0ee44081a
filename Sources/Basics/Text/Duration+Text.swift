extension Duration {
  /// `2s`, or `0.5s` where it is not whole; a millisecond is the least.
  package var text: String {
    let (whole, attoseconds) = components
    let thousandths = attoseconds / 1_000_000_000_000_000
    if thousandths == 0 { return "\(whole)s" }
    var digits = "\(thousandths)"
    while digits.count < 3 { digits = "0" + digits }
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)s"
  }
}
