/**
 * Codes of what a slice waits for. Whoever repeats passes knows by them whether waiting ends by itself: a turn comes and a place gets free,
 * what is stopped or paused needs a person, and what could not be read may be read the next time.
 */
export const WAITS = {
  turn: 'WaitsForWave',
  place: 'TestsMetered',
  stopped: 'RolloutStopped',
  paused: 'RolloutPaused',
  unread: 'ResultsUnknown',
} as const
