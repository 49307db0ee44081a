import Supervision
import UV

/// The one door: hands events to the supervisor, one after the other, and has performed what it
/// answers.
///
/// An effect that fails at once is queued as the next event, so nothing recurses.
final class EventDispatcher {
  private(set) var supervisor: Supervisor
  /// What ``supervisor`` says after each event: to ask a property of a value of another module
  /// copies all of the value.
  private(set) var isShuttingDown = false
  /// Whether an event is being handled, or its effects are being performed.
  private(set) var isDispatching = false
  private var events: [Event] = []
  /// What waits for a reply of the supervisor.
  private var waiting: [Ticket: (Reply) -> Void] = [:]
  private var lastTicket: UInt64 = 0
  private let clock: Clock
  /// Performs an effect other than a reply. What fails at once comes back by ``send(_:)``.
  var perform: (Effect) -> Void = { _ in }
  /// Called once, before the effects of the event that begins a shutdown are performed.
  var onShutdown: () -> Void = {}
  /// Called when there are no events left.
  var onIdle: () -> Void = {}

  /// - Parameter supervisor: one that has not heard of anything yet.
  init(_ supervisor: Supervisor, clock: Clock) {
    self.supervisor = supervisor
    self.clock = clock
  }

  /// A ticket that has not been given out before.
  func makeTicket() -> Ticket {
    lastTicket += 1
    return Ticket(lastTicket)
  }

  /// Hands a command to the supervisor.
  /// - Parameters:
  ///   - ticket: of ``makeTicket()``, by which it is answered; nil for one that is made here.
  ///   - then: called once, with the reply.
  func ask(_ command: Command, _ ticket: Ticket? = nil, then: @escaping (Reply) -> Void) {
    let ticket = ticket ?? makeTicket()
    waiting[ticket] = then
    send(.command(command, ticket))
  }

  /// Hands an event to the supervisor, at once or after those that are being handled.
  func send(_ event: Event) {
    events.append(event)
    guard !isDispatching else { return }
    isDispatching = true
    var next = 0
    while next < events.count {
      let effects = supervisor.handle(events[next], at: clock.now)
      if !isShuttingDown, supervisor.isShuttingDown {
        isShuttingDown = true
        onShutdown()
      }
      for effect in effects {
        guard case .reply(let ticket, let reply) = effect else {
          perform(effect)
          continue
        }
        waiting.removeValue(forKey: ticket)?(reply)
      }
      next += 1
    }
    events.removeAll(keepingCapacity: next < 64)
    isDispatching = false
    onIdle()
  }
}
