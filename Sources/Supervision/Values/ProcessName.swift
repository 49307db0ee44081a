import Basics

/// What a message can name: a service, an instance, or whatever a client has written instead of
/// one.
protocol ProcessName: CustomStringConvertible {}

extension String: ProcessName {}

extension ServiceID: ProcessName {}

extension InstanceID: ProcessName {}
