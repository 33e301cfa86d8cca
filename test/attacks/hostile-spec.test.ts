// A pull request by a stranger: files that never end, that change who we are and how far we may go, that want what others have.
import { generateKeyPairSync, hash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { changeId, digestOf } from '../../src/engine/index.ts'
import type { PlanFile } from '../../src/reconcile/plan-file.ts'
import { directoryWith, mailkeel, simulator } from '../cli/process.ts'
import { documentOf, EVERYTHING, loadFiles, ORGANIZATION, PROFILE, problemsOf, setOf } from '../stack/spec.ts'
import { differences, pictureOf } from '../stack/world.ts'

/** A change for sure, whatever the simulated mailboxes are like. */
const REJECTED = { ...EVERYTHING, approval: 'Rejected' }

/** Far more than any of these takes, and far less than something that runs away. */
const BUDGET_MS = 4_000

describe('A7 and A9: a file that is made to take for ever', () => {
  const KIB = 1024
  const HOSTILE: readonly { readonly reason: string; readonly text: string }[] = [
    { reason: 'an alias bomb', text: bomb(9) },
    { reason: 'a wide alias bomb', text: `a: &a ${'x'.repeat(1000)}\nb: [${'*a,'.repeat(20_000)}]\n` },
    {
      reason: 'merge keys in merge keys',
      text: Array.from({ length: 60 }, (_, i) => `k${i + 1}: &k${i + 1} {<<: [*k${i}, *k${i}]}`).join('\n'),
    },
    {
      reason: 'an ordered map of many',
      text: `a: !!omap\n${Array.from({ length: 20_000 }, (_, i) => `- k${i}: 1`).join('\n')}`,
    },
    { reason: 'one flow of many brackets', text: '[[[[{{{{'.repeat(20_000) },
    { reason: 'many closing brackets', text: ']'.repeat(200_000) },
    { reason: 'a mistake in every line', text: '- @\n'.repeat(50_000) },
    { reason: 'a mistake in every letter', text: `"${'\\`'.repeat(100_000)}"` },
    { reason: 'texts that begin anew in every line', text: `a: |\n  ${'- |\n'.repeat(30_000)}` },
    { reason: 'one line of many colons', text: `a${': b'.repeat(50_000)}` },
    { reason: 'a text of many lines without an end', text: `a: "${'x\n '.repeat(100_000)}` },
    { reason: 'a block of many blank lines', text: `a: |\n${'  \n'.repeat(200_000)}` },
    { reason: 'many comments', text: `${'# x\n'.repeat(100_000)}@` },
    { reason: 'many documents', text: '---\n'.repeat(200_000) },
    { reason: 'many keys of one map', text: Array.from({ length: 30_000 }, (_, i) => `k${i}: ${i}`).join('\n') },
    { reason: 'one key of many letters', text: `${'k'.repeat(2_000_000)}: 1` },
    { reason: 'a number of many digits', text: `a: ${'9'.repeat(1_000_000)}` },
    { reason: 'escapes in escapes', text: `a: "${'\\u0041'.repeat(100_000)}"` },
    { reason: 'tabs', text: `${'\t'.repeat(500_000)}@` },
    { reason: 'carriage returns', text: 'a:\r'.repeat(100_000) },
    { reason: 'question marks', text: '? '.repeat(100_000) },
    {
      reason: 'addresses that end wrong',
      text: setOf(
        's',
        Array.from({ length: 2_000 }, (_, i) => `${'a.'.repeat(40)}${i}@${'b-'.repeat(60)}`),
      ),
    },
    { reason: 'a name that almost fits', text: setOf('a-'.repeat(30_000), ['ann@contoso.com']) },
    {
      reason: 'a time that almost fits',
      text: PROFILE.replace('"autoDiscover":true', `"processEmailFrom":"${'1'.repeat(500 * KIB)}"`),
    },
  ]

  it.each(HOSTILE)('$reason is refused in time, and in few words', async ({ text }) => {
    const before = process.cpuUsage()

    const problems = await problemsOf({ 'o.yaml': ORGANIZATION, 'x.yaml': text })

    // Time of the processor, because other tests run beside this one.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(BUDGET_MS)
    expect(problems.length).toBeGreaterThan(0)
    expect(Math.max(...problems.map(({ length }) => length))).toBeLessThan(1_000)
  })

  it('random pieces of YAML never crash it, whatever they are put together to', async () => {
    const pieces = [
      '- ',
      '? ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '&a ',
      '*a',
      '!!omap ',
      '<<: ',
      '"',
      "'",
      '|\n',
      '>\n',
      '\n',
      ' ',
      '#',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      'a',
      '1',
      '.nan',
      '~',
      '\ufeff',
      '\u2028',
      'mailkeel/v1',
      'kind',
    ]
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(''))

    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const loaded = await loadFiles({ 'o.yaml': ORGANIZATION, 'x.yaml': text })
        expect(loaded.ok || loaded.problems.length > 0).toBe(true)
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it('50,000 mailboxes are no attack', async () => {
    const members = Array.from({ length: 50_000 }, (_, index) => `person${index}@contoso.com`)

    expect(await problemsOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('all', members) })).toEqual([])
  })
})

describe('A18: a pull request that changes who we are or how far we may go', () => {
  const CONFIGURATION = (url: string) =>
    documentOf('Configuration', undefined, {
      source: { directory: 'spec' },
      policy: 'Enforce',
      guards: { change: { maximumPercent: 100, minimumMailboxes: 100_000 } },
      identities: { nobody: { type: 'None' } },
      organizations: { 'contoso-sales': { url, reading: 'nobody' } },
    })

  it.each(['policy.yaml', 'sales/guards.yml', 'MAILKEEL.yaml', 'x.mailkeel.yaml', 'mailkeel.yaml.yaml'])(
    'a Configuration as %s is refused',
    async (path) => {
      const problems = await problemsOf({ 'o.yaml': ORGANIZATION, [path]: CONFIGURATION('http://127.0.0.1:1/x') })

      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain('a Configuration does not belong into the spec')
    },
  )

  it('a Configuration behind other documents is refused too', async () => {
    const problems = await problemsOf({ 'o.yaml': ORGANIZATION + PROFILE + CONFIGURATION('http://127.0.0.1:1/x') })

    expect(problems).toHaveLength(1)
  })

  it('a mailkeel.yaml inside the spec is not asked: neither its guards nor its host', async () => {
    const [real, planted] = [
      await simulator({ mailboxes: 20, queues: 0, mess: ['pending'] }),
      await simulator({ mailboxes: 2 }),
    ]
    const guarded = CONFIGURATION(real.url).replace(
      '"maximumPercent":100,"minimumMailboxes":100000',
      '"maximumPercent":1,"minimumMailboxes":1',
    )
    const folder = directoryWith({
      'config/mailkeel.yaml': guarded.replace('"directory":"spec"', '"directory":"../spec"'),
      'spec/mailkeel.yaml': CONFIGURATION(planted.url),
      'spec/deep/mailkeel.yaml': CONFIGURATION(planted.url),
      'spec/a.yaml': ORGANIZATION + PROFILE + setOf('s', ['ann@contoso.com', 'bob@contoso.com'], REJECTED),
    })

    const { code } = await mailkeel(['apply', '--yes', '--config', 'config/mailkeel.yaml'], { cwd: folder })

    expect(code).toBe(EXIT.override)
    expect(planted.requests().requests).toBe(0)
    expect(real.requests().writes).toBe(0)
    expect(real.requests().reads).toBeGreaterThan(0)
  })

  it('no document but a Configuration can name a host, an identity or a guard’s limit', async () => {
    const smuggled = [
      ORGANIZATION.replace('"environment"', '"url":"http://attacker.example","environment"'),
      ORGANIZATION.replace('"environment"', '"reading":"writer","environment"'),
      `${ORGANIZATION}${documentOf('EmailSettings', undefined, { guards: { change: { maximumPercent: 100 } } })}`,
      `${ORGANIZATION}${setOf('s', ['ann@contoso.com'], { ...EVERYTHING, policy: 'Enforce' })}`,
      `${ORGANIZATION}${PROFILE.replace('"autoDiscover":true', '"incomingPassword":{"env":"CRM_TOKEN"}')}`,
      `${ORGANIZATION}${PROFILE.replace('"autoDiscover":true', '"incomingPassword":{"file":"/run/secrets/crm-token"}')}`,
    ]

    for (const text of smuggled) expect(await problemsOf({ 'a.yaml': text })).not.toEqual([])
  })
})

describe('A27: a private key in git', () => {
  const keys = [
    { of: 'RSA', pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
    ...['P-256', 'P-384', 'P-521'].map((namedCurve) => ({
      of: namedCurve,
      pair: () => generateKeyPairSync('ec', { namedCurve }),
    })),
    { of: 'Ed25519', pair: () => generateKeyPairSync('ed25519') },
  ]

  it.each(keys)('of $of is found in every form, and its public key is fine', async ({ of, pair }) => {
    const { privateKey, publicKey } = pair()
    const passphrase = { cipher: 'aes-256-cbc', passphrase: 'x' } as const
    const forms: (string | Buffer)[] = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      privateKey.export({ type: 'pkcs8', format: 'pem', ...passphrase }),
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      privateKey.export({ type: 'pkcs8', format: 'der', ...passphrase }),
      ...(of.startsWith('P') ? [privateKey.export({ type: 'sec1', format: 'der' })] : []),
      ...(of === 'RSA' ? [privateKey.export({ type: 'pkcs1', format: 'der' })] : []),
    ]

    for (const [index, form] of forms.entries()) {
      const base64 = Buffer.from(form).toString('base64')
      const asFile = await problemsOf({ 'o.yaml': ORGANIZATION, 'keys/s2s.key': Buffer.from(form) })
      const asText = await problemsOf({
        'o.yaml': ORGANIZATION,
        'x.yaml': `# ${typeof form === 'string' ? form.replaceAll('\n', '\n# ') : base64}\n`,
      })
      expect({ index, found: [asFile.length, asText.length] }).toEqual({ index, found: [1, 1] })
      expect(asFile[0]).toMatch(/private key .*revoke the certificate/)
      expect(asFile.join('') + asText.join('')).not.toContain(base64.slice(40, 60))
    }
    const shared = publicKey.export({ type: 'spki', format: 'der' })
    const fine = { 'o.yaml': ORGANIZATION, 'keys/s2s.pem': publicKey.export({ type: 'spki', format: 'pem' }) as string }
    expect(await problemsOf({ ...fine, 'x.yaml': `# ${shared.toString('base64')}\n`, 's2s.cer': shared })).toEqual([])
  })
})

describe('A19: a plan file that was changed after it was reviewed', () => {
  async function planned() {
    const running = await simulator({ mailboxes: 12, queues: 0, mess: ['pending'] })
    const folder = directoryWith({
      'mailkeel.yaml': documentOf('Configuration', undefined, {
        source: { directory: 'spec' },
        policy: 'Enforce',
        identities: { nobody: { type: 'None' } },
        organizations: { 'contoso-sales': { url: running.url, reading: 'nobody' } },
      }),
      'spec/a.yaml': ORGANIZATION + PROFILE + setOf('s', ['ann@contoso.com'], REJECTED),
    })
    await mailkeel(['plan', '--out', 'plan.json'], { cwd: folder })
    const text = readFileSync(join(folder, 'plan.json'), 'utf8')
    const applyEdited = (edited: string) => {
      writeFileSync(join(folder, 'edited.json'), edited)
      return mailkeel(['apply', 'edited.json', '--yes'], { cwd: folder })
    }
    return { running, text, applyEdited }
  }

  it('is refused', async () => {
    const { running, text, applyEdited } = await planned()
    const edits = [
      text.replaceAll('ann@contoso.com', 'bob@contoso.com'),
      text.replace(/"decision": "\w+"/, '"decision": "blocked"'),
      text.replace(/"id": "[0-9a-f]{8}/, '"id": "00000000'),
    ]

    for (const [index, edit] of edits.entries()) {
      expect(edit).not.toBe(text)
      const { code, stderr } = await applyEdited(edit)
      expect({ index, code, told: stderr.length > 0 }).toEqual({ index, code: EXIT.usage, told: true })
    }
    expect(running.requests().writes).toBe(0)
  })

  it('and given new digests approves nothing that the spec does not ask for', async () => {
    const { running, text, applyEdited } = await planned()
    const before = pictureOf(running.world)

    const { code } = await applyEdited(forged(text))

    expect(code).not.toBe(EXIT.usage)
    expect(differences(before, pictureOf(running.world))).toEqual([])
    expect(running.requests().writes).toBe(0)
  })
})

/** The plan for somebody else, with every hash as it should be. */
function forged(text: string): string {
  const { version, createdAt, revision, scopes } = JSON.parse(
    text.replaceAll('ann@contoso.com', 'bob@contoso.com'),
  ) as PlanFile
  const forgedScopes = scopes.map(({ plan, ...rest }) => {
    const steps = plan.steps
      .filter(({ stage }) => stage !== 'email-server-profile')
      .map((step) => ({
        ...step,
        changes: step.changes.map((change) => ({ ...change, id: changeId({ ...change, scope: plan.scope }) })),
      }))
    const digest = digestOf(steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
    return { plan: { ...plan, steps, digest }, ...rest }
  })
  const digest = hash('sha256', JSON.stringify([version, createdAt, revision, forgedScopes]), 'hex')
  return JSON.stringify({ version, createdAt, revision, scopes: forgedScopes, digest })
}

function bomb(levels: number): string {
  const lines = ['l0: &l0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < levels; level += 1) {
    lines.push(`l${level}: &l${level} [${Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')}]`)
  }
  return lines.join('\n')
}
