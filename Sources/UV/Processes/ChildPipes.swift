import CLinux
import Glibc

/// The daemon's ends of a child's three standard streams.
struct ChildPipes {
  let input: Int32
  let output: Int32
  let errorOutput: Int32
  /// The child's ends, in the order of its descriptors.
  let ofChild: [Int32]

  /// Makes them, none of which survives an exec.
  init(_ options: SpawnOptions, _ descriptors: DescriptorBag) throws(UVError) {
    let input = try descriptors.pipe(options.command)
    let output = try descriptors.pipe(options.command)
    let errorOutput = try descriptors.pipe(options.command)
    self.input = input.write
    self.output = output.read
    self.errorOutput = errorOutput.read
    ofChild = [input.read, output.write, errorOutput.write]
    give(to: options.identity)
  }

  /// A pipe belongs to the user who made it, and no other user opens it by its name
  /// (`/dev/stderr`).
  private func give(to identity: Identity) {
    guard let user = identity.user, user != geteuid() else { return }
    // A superuser without that capability can still start the child, which has the descriptors
    // themselves.
    for descriptor in ofChild { _ = fchown(descriptor, user, gid_t.max) }
  }
}
