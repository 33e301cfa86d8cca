// A process that applies a plan to a remote that lives in files, and kills itself at a given moment: after the n-th record of its
// journal, or after the n-th write to the remote. One that is not to be killed makes a second pass. Runs the built code, as people do.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vanishedGuard } from '../../../dist/engine/index.js'
import { passOver } from '../../../dist/reconcile/pass.js'
import { openState } from '../../../dist/reconcile/state.js'

// A file that may not grow further (RLIMIT_FSIZE) is a full disk; without a listener the signal would end the process.
process.on('SIGXFSZ', () => {})

const [directory, at = '', number = '0', run = '1'] = process.argv.slice(2)
const remoteFile = join(directory, 'remote.json')
const countdown = { record: Number.NaN, write: Number.NaN, [at]: Number(number) }

function pass(moment) {
  countdown[moment] -= 1
  if (countdown[moment] === 0) process.kill(process.pid, 'SIGKILL')
}

const readRemote = () => JSON.parse(readFileSync(remoteFile, 'utf8'))

function writeRemote(table, key, fields) {
  const remote = readRemote()
  remote[table][key] = { ...remote[table][key], ...fields }
  writeFileSync(remoteFile, JSON.stringify(remote))
  appendFileSync(join(directory, 'writes.jsonl'), `${JSON.stringify({ run, table, key, fields })}\n`)
  pass('write')
}

function stage(name, kind, absent) {
  const rule = { effect: () => 'adjust', words: () => ({ group: 'set', one: 'is set', many: 'are set' }) }
  return {
    name,
    kind,
    noun: { one: name, many: `${name}s` },
    scope: 'organization',
    mode: 'writes',
    gate: 'advises',
    fields: { on: rule, size: rule },
    async observe({ reader, keys }) {
      const rows = Object.entries(reader[name]).filter(([key]) => keys === 'all' || keys.has(key))
      const observed = rows.map(([key, fields]) => [key, { fields, ref: key }])
      return { complete: true, rows: new Map(observed), unknown: new Map() }
    },
    desire: (desired) => new Map(desired[name].map((wish) => [wish.label, { ensure: 'present', origin, ...wish }])),
    absent,
    async *apply({ writer }, assignments) {
      for (const { change, fields } of assignments) {
        writer(name, change.key, fields)
        yield { id: change.id, outcome: 'done' }
      }
    },
  }
}

const origin = { file: 'a.yaml', line: 1, column: 1 }
const desired = {
  name: 'test',
  profile: [
    { label: 'p1', fields: { on: true, size: 3 } },
    { label: 'p2', fields: { on: true } },
  ],
  mailbox: ['a', 'b', 'c', 'd'].map((label) => {
    return { label, fields: { on: true, size: 9 }, needs: [{ stage: 'profile', key: 'p1' }] }
  }),
}

if (!existsSync(remoteFile)) {
  const mailbox = {
    a: { on: false, size: 1 },
    b: { on: true, size: 1 },
    c: { on: false, size: 9 },
    d: { on: true, size: 9 },
  }
  writeFileSync(remoteFile, JSON.stringify({ profile: { p1: { on: false, size: 3 } }, mailbox }))
}

const now = () => new Date()
let ids = 0
const newId = () => {
  ids += 1
  return `${run}-${process.pid}-${ids}`
}
const state = await openState({ directory: join(directory, 'state'), mode: 'apply', now, newId })
const scope = {
  scope: 'organization/test',
  desired,
  newReader: readRemote,
  writer: writeRemote,
  stages: [stage('profile', 'Profile', () => 'create'), stage('mailbox', 'Mailbox', () => 'create')],
}
const environment = {
  guards: () => [vanishedGuard({ maximum: 0, allGoneFrom: 99 })],
  memory: state.memory,
  now,
  newId,
  async openJournal(...of) {
    const journal = await state.openJournal(...of)
    for (const method of ['start', 'intend', 'conclude', 'lookedUp', 'finish']) {
      const write = journal[method].bind(journal)
      journal[method] = async (...values) => {
        await write(...values)
        pass('record')
      }
    }
    return journal
  },
}
const options = { revision: 'r1', mode: 'apply', allow: new Set(), signal: new AbortController().signal }
const told = []
for (let passes = at === '' ? 2 : 1; passes > 0; passes -= 1) {
  const { outcomes = [], notices, failure } = await passOver(scope, async () => undefined, options, environment)
  told.push({ results: outcomes.map(({ result }) => result), notices: notices.map(({ code }) => code), failure })
}
await state.close()
process.stdout.write(JSON.stringify(told))
