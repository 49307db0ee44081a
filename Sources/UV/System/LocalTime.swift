package import Basics
import CLinux
import Glibc

/// The local time of the machine: `TZ`, else `/etc/localtime`, as glibc reads them (tzset(3)).
package enum LocalTime {
  /// No zone changes its offset and changes it back within a day.
  private static let sampleDistance: Int64 = 86_400

  /// The offset at the first of these seconds since 1970 UTC, and each change of it up to the last.
  ///
  /// A file of a zone that has changed is read again; one that `TZ` names, only by another process.
  /// - Throws: `EOVERFLOW` for years that do not fit `struct tm`.
  package static func transitions(in range: ClosedRange<Int64>) throws(UVError)
    -> [OffsetTransition]
  {
    tzset()
    return try transitions(in: range, offset: offset(at:))
  }

  /// As ``transitions(in:)``, of a local time that `offset` tells.
  package static func transitions(
    in range: ClosedRange<Int64>, offset: (Int64) throws(UVError) -> Int32
  ) throws(UVError) -> [OffsetTransition] {
    var found = [OffsetTransition(at: range.lowerBound, offset: try offset(range.lowerBound))]
    var sample = range.lowerBound
    while sample < range.upperBound {
      let next = min(sample + sampleDistance, range.upperBound)
      let (old, new) = (found[found.count - 1].offset, try offset(next))
      if new != old {
        // The first second with another offset than the old one lies between these two.
        var (before, after) = (sample, next)
        while after - before > 1 {
          let middle = before + (after - before) / 2
          if try offset(middle) == old { before = middle } else { after = middle }
        }
        found.append(OffsetTransition(at: after, offset: try offset(after)))
        // There may be another change behind it.
        sample = after
      } else {
        sample = next
      }
    }
    return found
  }

  /// Seconds east of UTC (`localtime_r`).
  private static func offset(at instant: Int64) throws(UVError) -> Int32 {
    var offset: Int32 = 0
    try UVError.system("find the local time of", "\(instant)") {
      exeio_local_offset(instant, &offset)
    }
    return offset
  }
}
