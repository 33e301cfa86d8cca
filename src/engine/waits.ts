/**
 * Codes of what a slice waits for. Whoever repeats passes knows by them whether waiting ends by itself: a turn comes and a place gets free,
 * what is stopped or paused and a service that is off need a person, and what could not be read may be read the next time.
 */
export const WAITS = {
  turn: 'WaitsForWave',
  place: 'TestsMetered',
  stopped: 'RolloutStopped',
  paused: 'RolloutPaused',
  unread: 'ResultsUnknown',
  service: 'ServiceOff',
} as const

/** Name of the guard that a stopped rollout is passed by: a stage asks for it while it plans, see `PaceContext.allows`. */
export const ROLLOUT = 'rollout'

/** Name of the guard by which a person says that an object is written although somebody else keeps changing it back, see `PlanInput.leaveAlone`. */
export const FIGHT = 'fight'
