import { expect, test } from 'vitest'
import { withoutFlag } from '../../src/report/explain-view.ts'

test.each([
  ['if that is meant, say --allow change', 'if that is meant, commit an Override for it', 'a guard'],
  [
    'Check it. Then test again; or go on all the same with `mailkeel apply --allow rollout`.',
    'Check it. Then test again; or go on all the same with a committed Override of `rollout`.',
    'a rollout that stopped',
  ],
  ['Run `mailkeel apply`.', 'The next pass that may write does so.', 'what is planned'],
  [
    'Run `mailkeel plan` again once its tests can be read.',
    'Nothing but waiting: a later pass goes on once its tests can be read.',
    'what waits',
  ],
  ['CRM says: say --allow it all', 'CRM says: say --allow it all', 'what others say is left alone'],
])('a running process tells nobody to run a command for %j', (message, expected, _reason) => {
  expect(withoutFlag(message)).toBe(expected)
})
