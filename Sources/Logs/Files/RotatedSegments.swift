/// The rotated files of a log as they were when they were last looked at.
struct RotatedSegments {
  /// The newest first.
  private(set) var segments: [Segment] = []
  /// The numbers that the directory's listing has shown; nil if it has not been listed since it may
  /// have changed.
  private(set) var listed: [Int]?

  /// Notes which rotated files there are. What is known of a file stays known under another name.
  mutating func apply(_ survey: RotatedFiles.Survey) {
    listed = survey.listed
    segments = survey.files.map { found in
      let segment =
        segments.first { $0.identity == found.identity }
        ?? Segment(found.identity, unscanned: found.size)
      if segment.size != found.size { segment.reset(toSize: found.size) }
      segment.number = found.number
      return segment
    }
  }

  /// Has the directory listed before it is next relied on.
  mutating func forgetListing() { listed = nil }

  /// Notes that there are no rotated files any more.
  mutating func forgetAll() {
    forgetListing()
    for segment in segments { segment.reset(toSize: 0) }
    segments = []
  }

  /// Notes that a rotation has made the live file the newest of them. Those that are gone are left
  /// out at the next look.
  mutating func add(newest segment: Segment) { segments = [segment] + segments }

  /// Notes that the live file may be one of them now. The next look finds out which.
  mutating func add(formerLive segment: Segment) { segments.append(segment) }
}
