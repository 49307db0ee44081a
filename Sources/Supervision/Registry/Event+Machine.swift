extension Event {
  /// The name of the machine that it is about; nil where it is about none, or comes from a client.
  var machine: InstanceID? {
    switch self {
    case .spawned(let run, _), .spawnFailed(let run, _), .spawnCancelled(let run),
      .exited(let run, _, _, _), .outOfMemory(let run, _), .groupGone(let run),
      .survivors(let run, _), .outputEnded(let run, _), .notified(let run, _), .probed(let run, _),
      .measured(let run, _), .hookEnded(let run):
      run.instance
    case .timerFired(let timer):
      timer.instance
    case .load, .zoneRead, .command, .saved, .saveFailed, .saveDue, .logClosed, .shutdownRequested,
      .killRequested:
      nil
    }
  }
}
