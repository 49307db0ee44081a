import CLibUV
import CLinux
import Glibc

// Paths are `String`s here, and most are UTF-8. One that is not, of a directory that an option or a
// variable names, keeps its bytes: each that is part of no character becomes two of the code points
// that Unicode sets aside for use inside a program (U+FDD0 to U+FDEF). The functions below, which
// stand before those of the C library of the same name throughout this room, make the bytes again.

extension String {
  /// Holds the bytes of a path or a variable so that ``systemBytes`` gives them back.
  package init(system bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self), !text.hasStandIns {
      self = text
      return
    }
    self = bytes.utf8Parts.map { part in
      switch part {
      case .text(let text) where !text.hasStandIns: text
      case .text(let text):
        text.utf8.map { $0 < 0x80 ? String(UnicodeScalar($0)) : Self.standIns($0) }.joined()
      case .byte(let byte): Self.standIns(byte)
      }
    }.joined()
  }

  init(systemC pointer: UnsafePointer<CChar>) {
    self.init(
      system: Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))))
  }

  /// The bytes that this stands for.
  package var systemBytes: [UInt8] {
    guard hasStandIns else { return Array(utf8) }
    var bytes: [UInt8] = []
    var scalars = unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      if let high = Self.highHalf(scalar), let low = scalars.first.flatMap(Self.lowHalf) {
        bytes.append(high << 4 | low)
        scalars.removeFirst()
      } else {
        bytes += Array(String(scalar).utf8)
      }
    }
    return bytes
  }

  /// For people: a byte that is part of no character is written as `\xE9`.
  package var readable: String {
    hasStandIns ? SystemString(bytes: systemBytes).description : self
  }

  /// All of these code points begin with 0xEF 0xB7 in UTF-8.
  private var hasStandIns: Bool {
    var wasFirst = false
    for byte in utf8 {
      if wasFirst, byte == 0xB7 { return true }
      wasFirst = byte == 0xEF
    }
    return false
  }

  private static func standIns(_ byte: UInt8) -> String {
    let halves = [0xFDD0 + UInt32(byte >> 4), 0xFDE0 + UInt32(byte & 15)]
    return String(String.UnicodeScalarView(halves.compactMap(UnicodeScalar.init)))
  }

  /// Only bytes from 0x80 on are held so: no stand-in makes a slash or a NUL.
  private static func highHalf(_ scalar: UnicodeScalar) -> UInt8? {
    (0xFDD8...0xFDDF).contains(scalar.value) ? UInt8(scalar.value - 0xFDD0) : nil
  }

  private static func lowHalf(_ scalar: UnicodeScalar) -> UInt8? {
    (0xFDE0...0xFDEF).contains(scalar.value) ? UInt8(scalar.value - 0xFDE0) : nil
  }

  /// Hands the bytes of a path over with a NUL behind them, for a function of C.
  package func withSystemPath<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
    hasStandIns ? SystemString(bytes: systemBytes).withCString(body) : withCString(body)
  }
}

func open(_ path: String, _ flags: Int32) -> Int32 {
  path.withSystemPath { Glibc.open($0, flags) }
}

func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  path.withSystemPath { Glibc.open($0, flags, mode) }
}

func openat(_ directory: Int32, _ path: String, _ flags: Int32) -> Int32 {
  path.withSystemPath { Glibc.openat(directory, $0, flags) }
}

func openat(_ directory: Int32, _ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  path.withSystemPath { Glibc.openat(directory, $0, flags, mode) }
}

func mkdir(_ path: String, _ mode: mode_t) -> Int32 {
  path.withSystemPath { Glibc.mkdir($0, mode) }
}

func rmdir(_ path: String) -> Int32 {
  path.withSystemPath { Glibc.rmdir($0) }
}

func opendir(_ path: String) -> OpaquePointer? {
  path.withSystemPath { Glibc.opendir($0) }
}

@discardableResult
func unlink(_ path: String) -> Int32 {
  path.withSystemPath { Glibc.unlink($0) }
}

@discardableResult
func unlinkat(_ directory: Int32, _ path: String, _ flags: Int32) -> Int32 {
  path.withSystemPath { Glibc.unlinkat(directory, $0, flags) }
}

func rename(_ old: String, _ new: String) -> Int32 {
  old.withSystemPath { old in new.withSystemPath { Glibc.rename(old, $0) } }
}

func access(_ path: String, _ mode: Int32) -> Int32 {
  path.withSystemPath { Glibc.access($0, mode) }
}

func faccessat(_ directory: Int32, _ path: String, _ mode: Int32, _ flags: Int32) -> Int32 {
  path.withSystemPath { Glibc.faccessat(directory, $0, mode, flags) }
}

func chmod(_ path: String, _ mode: mode_t) -> Int32 {
  path.withSystemPath { Glibc.chmod($0, mode) }
}
