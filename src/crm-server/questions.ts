// What the documentation of servers and cmdlets leaves open and a script that reads can settle: one function per question. They look at the
// raw answers, before these are made alike. An answer tells forms and numbers, and never a name or an id.
import { saysItIsUnset } from './answers.ts'
import { runScript } from './calls.ts'
import type { DeploymentClientOptions } from './client.ts'
import { CrmServerError } from './deployment.ts'
import { each, flag, type Place, text, textOrNull, within } from './fields.ts'

/** A question and how it is asked. Throws CrmServerError where it could not be. */
export type ServerQuestion = readonly [question: string, ask: (signal: AbortSignal) => Promise<string>]

/** The questions to the first server that is reached, about it and about the deployment as it tells it. `organizations`: unique names. */
export function serverQuestions(
  { servers, credential }: DeploymentClientOptions,
  organizations: readonly string[],
): readonly ServerQuestion[] {
  const server = once((signal) =>
    throughOne(servers, (channel) => runScript(channel, 'read-server', { credential, signal }, (one) => one)),
  )
  const call = { input: { organizations } }
  const deployment = once((signal) =>
    throughOne(servers, (channel) =>
      runScript(channel, 'read-deployment', { ...call, credential, signal }, (one) => one),
    ),
  )
  return [
    ['which versions run there', async (signal) => versions(await server(signal))],
    ['what form have the roles of Get-CrmServer', async (signal) => roleForm(await server(signal))],
    ['which services are there', async (signal) => serviceNames(await server(signal))],
    ['which KeySpec have keys of the store', async (signal) => keySpecs(await server(signal))],
    ['can permissions of keys be read', async (signal) => keyReaders(await server(signal))],
    ['what does an unset setting come back as', async (signal) => settingForms(await deployment(signal))],
    ['what form have ids of the cmdlets', async (signal) => idForms(await deployment(signal))],
    ['which rows has Get-CrmCertificate', async (signal) => rowForms(await deployment(signal))],
    [
      'can the local service be called without a credential',
      async (signal) => {
        if (!credential) return 'no credential is configured, so the other answers say it'
        return withoutCredential(() =>
          throughOne(servers, (channel) => runScript(channel, 'read-deployment', { ...call, signal }, (one) => one)),
        )
      },
    ],
  ]
}

type Servers = DeploymentClientOptions['servers']
type Channel = Servers[number]['reading']

async function throughOne<T>(servers: Servers, work: (channel: Channel) => Promise<T>): Promise<T> {
  let told: unknown = new CrmServerError('Unreachable', '', 'the configuration names no server')
  for (const { reading } of servers) {
    try {
      return await work(reading)
    } catch (error) {
      if (!(error instanceof CrmServerError) || error.code === 'Cancelled') throw error
      told = error
    }
  }
  throw told
}

/** One call serves all questions about its answer. */
function once(read: (signal: AbortSignal) => Promise<Place>): (signal: AbortSignal) => Promise<Place> {
  let known: Promise<Place> | undefined
  return (signal) => {
    known ??= read(signal)
    return known
  }
}

function versions({ value }: Place): string {
  const number = (name: string) => {
    const told = value[name]
    return typeof told === 'string' && /^[\d.]{1,30}$/.test(told) ? told : told === null ? 'null' : 'another form'
  }
  return `PowerShell ${number('powershellVersion')}, CRM ${number('version')}`
}

function roleForm({ value }: Place): string {
  const { roles } = value
  if (!Array.isArray(roles)) return 'null'
  const joined = roles.some((role) => String(role).includes(','))
  return `${roles.length} ${roles.length === 1 ? 'text' : 'texts'}${joined ? ', joined by commas' : ''}`
}

function serviceNames(from: Place): string {
  const names = each(from, 'services').map((service) => text(service, 'name'))
  return (
    names
      .filter((name) => /^MSCRM[A-Za-z]{1,40}(\$maintenance)?$/.test(name))
      .sort()
      .join(', ') || 'none'
  )
}

function keySpecs(from: Place): string {
  const own = each(from, 'certificates').filter((one) => flag(one, 'hasPrivateKey'))
  return counted(own.map(({ value }) => `KeySpec ${typeof value['keySpec'] === 'number' ? value['keySpec'] : 'null'}`))
}

function keyReaders(from: Place): string {
  const own = each(from, 'certificates').filter((one) => flag(one, 'hasPrivateKey'))
  return counted(own.map(({ value }) => (value['readers'] === null ? 'cannot be read' : 'can be read')))
}

const SETTINGS = [
  ['authorizationServer', 'S2SDefaultAuthorizationServerPrincipalId'],
  ['metadataUrl', 'S2SDefaultAuthorizationServerMetadataUrl'],
] as const

function settingForms(from: Place): string {
  const server = SETTINGS.map(([field, name]) => `${name}: ${settingForm(within(from, field), name)}`)
  const ids = each(from, 'tenantIds').map((one) => settingForm(within(one, 'setting'), 'S2STenantId'))
  return [...server, `S2STenantId: ${counted(ids)}`].join('; ')
}

function settingForm(setting: Place, name: string): string {
  if (setting.value['error'] !== null) {
    const error = within(setting, 'error')
    return `an error (${saysItIsUnset(name, text(error, 'message')) ? 'that says it is unset' : 'of another kind'})`
  }
  if (!flag(setting, 'found')) return 'no pair of that name'
  const value = textOrNull(setting, 'value')
  return value === undefined ? 'a pair with null' : value.trim() === '' ? 'a pair with an empty text' : 'set'
}

function idForms(from: Place): string {
  const ids = [
    within(from, 'authorizationServer').value['value'],
    ...each(from, 'tenantIds').map((one) => within(one, 'setting').value['value']),
    ...each(from, 'rows').map((row) => row.value['id']),
  ]
  return counted(ids.filter((id) => typeof id === 'string').map(idForm))
}

function idForm(id: string): string {
  const plain = id.trim()
  const braces = /^\{.*\}$/.test(plain) ? 'in braces' : 'plain'
  return `${braces}${/[A-F]/.test(plain) ? ' with capitals' : ''}${plain === id ? '' : ' with blanks'}`
}

const ROW_TYPES = ['S2STokenIssuer', 'AlternativeS2STokenIssuer', 'TrustedIssuer', 'SharePointIssuer']

function rowForms(from: Place): string {
  return counted(
    each(from, 'rows').map((row) => {
      const type = ROW_TYPES.find((one) => one === text(row, 'type').trim()) ?? 'another type'
      const named = (textOrNull(row, 'name') ?? '') === '' ? 'without a name' : 'with a name'
      return `${type} ${named}, ${textOrNull(row, 'data') === undefined ? 'without data' : 'with data'}`
    }),
  )
}

async function withoutCredential(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
    return 'yes'
  } catch (error) {
    if (error instanceof CrmServerError && !['Unreachable', 'TimedOut', 'Cancelled'].includes(error.code)) {
      return `no: ${error.code}`
    }
    throw error
  }
}

function counted(forms: readonly string[]): string {
  if (forms.length === 0) return 'none to look at'
  const all = [...new Set(forms)].sort()
  return all.map((form) => `${forms.filter((one) => one === form).length} ${form}`).join(', ')
}
