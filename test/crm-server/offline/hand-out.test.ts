import { beforeAll, describe, expect, test } from 'vitest'
import type { SecretInput } from '../../../src/crm-server/channel.ts'
import { restartCall } from '../../../src/crm-server/offline/book.ts'
import { CANARY_SECRET } from '../../setup/canary.ts'
import { type RulesChecker, rulesChecker } from '../script-rules.ts'
import { callOf, desk } from './carrying.ts'

const MAY_CALL = ['ConvertTo-Json', 'New-Object', 'Out-Null', 'Read-Host', 'Resolve-Path', 'Set-StrictMode']

let complaintsAbout: RulesChecker
beforeAll(async () => {
  complaintsAbout = await rulesChecker()
})

const secret = (path: string, prompt: string, kind: SecretInput['kind'] = 'password'): SecretInput => ({
  path,
  prompt,
  kind,
  read: async () => CANARY_SECRET,
})
const PASSWORD = secret('credential.password', 'Password of CONTOSO\\o\'brien‘$(calc)`"')
const STORE = callOf('ensure-certificate', { sha256: 'ab', readers: ['NT AUTHORITY\\NETWORK SERVICE'] }, [
  secret('pfx.data', 'PFX of the certificate AB', 'file'),
  secret('pfx.password', 'Password of the PFX'),
])
const SETTINGS = callOf('write-server-settings', { metadataUrl: 'https://a' }, [PASSWORD])
const TENANT = callOf('write-tenant-id', { organization: "o'hara'@", tenantId: 'x' }, [PASSWORD])
const SWITCH = callOf('switch-certificate', { sha256: 'ab', certificate: 'AAAA' }, [PASSWORD])
const MARK = callOf('set-marker', { sha256: 'ab' })

describe('the files', () => {
  test('are one for each server and step, and their names sort in the order in which they are to be run', () => {
    const { book, handOut } = desk()
    for (const [server, call] of [
      ['crm-1', STORE],
      ['crm-2', STORE],
      ['crm-1', SETTINGS],
      ['crm-1', TENANT],
    ] as const)
      book.want(server, call)

    const { bundles, files } = handOut(book)

    expect(bundles.map(({ name }) => name)).toEqual(['01-crm-1-store-certificate', '02-crm-2-store-certificate'])
    expect(bundles[0]?.calls.map(({ script: { id } }) => id)).toEqual([
      'ensure-certificate',
      'write-server-settings',
      'write-tenant-id',
    ])
    expect(files.map(({ name }) => name)).toEqual([...bundles.map(({ name }) => `${name}.ps1`), 'README.txt'])
  })

  test('prepare every server before the switch, and end on each with its restart', () => {
    const { book, handOut } = desk()
    const order = [
      ['crm-2', MARK],
      ['crm-1', MARK],
      ['crm-1', SWITCH],
      ['crm-1', MARK],
      ['crm-2', MARK],
    ] as const
    for (const [server, call] of order) book.want(server, call)
    for (const server of ['crm-1', 'crm-2']) book.want(server, restartCall())

    const { bundles } = handOut(book)

    expect(bundles.map(({ name, calls }) => [name, ...calls.map(({ script: { id } }) => id)])).toEqual([
      ['01-crm-2-set-marker', 'set-marker'],
      ['02-crm-1-switch-certificate', 'set-marker', 'switch-certificate', 'set-marker', 'restart-services'],
      ['03-crm-2-restart-services', 'set-marker', 'restart-services'],
    ])
  })

  test('hold the reads of their server after what they write', () => {
    const { book, handOut } = desk()
    book.answer('crm-1', callOf('read-server'))
    book.answer('crm-1', callOf('read-deployment', { organizations: ['a'] }))
    book.answer('crm-1', callOf('read-deployment', { organizations: [] }))
    book.want('crm-1', MARK)

    const { bundles } = handOut(book)

    expect(bundles).toHaveLength(1)
    expect(bundles[0]?.calls.map(({ script: { id } }) => id)).toEqual(['set-marker', 'read-server', 'read-deployment'])
  })

  test('are none where nothing is wanted', () => {
    const { book, handOut } = desk()

    expect(handOut(book)).toEqual({ bundles: [], files: [] })
  })
})

describe('a carried script', () => {
  function everyScript(): readonly { readonly name: string; readonly text: string }[] {
    const { book, handOut } = desk()
    book.answer('crm-1', callOf('read-server', { credential: { user: "CONTOSO\\o'brien" } }, [PASSWORD]))
    for (const call of [STORE, SETTINGS, TENANT, MARK, SWITCH, restartCall()]) book.want('crm-1', call)
    book.want('crm-2', STORE)
    return handOut(book).files
  }

  test('keeps the rules that all our PowerShell keeps', () => {
    const scripts = everyScript().filter(({ name }) => name.endsWith('.ps1'))

    const complaints = scripts.map(({ text }) => complaintsAbout(text.slice(1).replaceAll('\r\n', '\n'), MAY_CALL))

    expect(scripts.length).toBeGreaterThan(1)
    expect(complaints.flat()).toEqual([])
  })

  test('is read by Windows PowerShell 5.1 as it was written', () => {
    const [first] = everyScript()

    expect(first?.text.startsWith('\uFEFF# mailkeel: ')).toBe(true)
    expect(first?.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  test('asks for each secret once, quotes what is told, and holds none', () => {
    const files = everyScript()
    const text = files[0]?.text ?? ''

    const payloads = [...text.matchAll(/payload = '([^']+)'/g)].map(([, one = '']) =>
      Buffer.from(one, 'base64').toString(),
    )

    expect(text.match(/prompt = '/g)).toHaveLength(3)
    expect(text).toContain("prompt = 'Password of CONTOSO\\o''brien‘‘$(calc)`\"'")
    expect(payloads[0]).toMatch(/"pfx":\{"data":"[0-9a-f]{32}:secret0","password":"[0-9a-f]{32}:secret1"\}/)
    expect(files.map((file) => file.text).join('') + payloads.join('')).not.toContain(CANARY_SECRET)
  })
})

describe('README.txt', () => {
  test('says what to run where, as whom, what will be asked, and what to bring back', () => {
    const { book, handOut } = desk()
    book.want('crm-1', STORE)
    book.want('crm-1', SETTINGS)

    const text = handOut(book).files.at(-1)?.text ?? ''

    const wanted = [
      '01-crm-1-store-certificate.ps1\r\n      on crm-1: imports the certificate',
      'as administrator',
      'Deployment Administrator',
      '  - Password of the PFX\r\n',
      '.answer.txt',
      'mailkeel apply --read-results',
      'After FAILED run no further script',
    ]
    expect(wanted.filter((said) => !text.includes(said))).toEqual([])
  })
})
