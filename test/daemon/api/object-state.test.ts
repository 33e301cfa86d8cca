import { expect, it } from 'vitest'
import { stateOf } from '../../../src/daemon/api/object-state.ts'
import type { Condition, Exception, ObjectConditions } from '../../../src/engine/index.ts'

function mailbox(ready: Condition['status'], synced = 'InSync'): ObjectConditions {
  const condition = { message: 'why', revision: 'r1' }
  return {
    kind: 'Mailbox',
    key: 'ann@contoso.com',
    label: 'ann@contoso.com',
    synced: { ...condition, type: 'Synced', status: synced === 'InSync' ? 'True' : 'False', code: synced },
    ready: { ...condition, type: 'Ready', status: ready, code: ready === 'True' ? 'TestPassed' : 'TestFailed' },
  }
}

it.each<{ reason: string; object: ObjectConditions; excepted?: Exception['state']; state: string }>([
  { reason: 'its test failed', object: mailbox('False'), state: 'failing' },
  {
    reason: 'its test failed, and somebody holds it: the headline calls it held',
    object: mailbox('False', 'Held'),
    excepted: 'Held',
    state: 'waiting',
  },
  {
    reason: 'its test failed, and what would help is blocked',
    object: mailbox('False', 'Blocked'),
    excepted: 'Blocked',
    state: 'failing',
  },
  { reason: 'a write failed', object: mailbox('True', 'Failed'), state: 'failing' },
  {
    reason: 'it works, and waits for an address',
    object: mailbox('True', 'Waiting'),
    excepted: 'Waiting',
    state: 'waiting',
  },
  { reason: 'it works', object: mailbox('True'), state: 'healthy' },
])('a mailbox is $state: $reason', ({ object, excepted, state }) => {
  expect(stateOf(object, excepted)).toBe(state)
})
