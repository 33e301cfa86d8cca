// The open questions of everything that can be reached, asked side by side as the identities that read.

import { clientOptionsOf } from '../../compose/connections.ts'
import { deploymentOptionsOf } from '../../compose/deployment.ts'
import { tenantOptionsOf } from '../../compose/tenant.ts'
import { organizationQuestions } from '../../crm/questions.ts'
import { serverQuestions } from '../../crm-server/questions.ts'
import { reasonOf } from '../../engine/index.ts'
import { tenantQuestions } from '../../entra/questions.ts'
import type { HttpClient } from '../../network/http.ts'
import type { ProbeAnswer, ProbedSubject } from '../../report/probe.ts'
import { organizationEndpoint, tenantEndpoint } from '../../spec/configuration/load.ts'
import type { DesiredDeployment, DesiredOrganization, DesiredTenant, DesiredTrust } from '../../spec/desired.ts'
import { organizationsOn } from '../../stages/trust/members.ts'
import { s2sValuesOf } from '../../stages/trust/s2s-values.ts'
import { serversAs } from './as-identity.ts'
import { type ExamineOptions, within } from './examine.ts'
import type { Patient } from './patient.ts'
import { createVeil } from './veil.ts'

type Question = readonly [question: string, ask: (signal: AbortSignal) => Promise<string>]

/** A system and its questions. What keeps them from being asked is thrown by `questions`. */
interface Probed {
  readonly subject: string
  readonly open: () => Promise<Opened>
}

interface Opened {
  readonly questions: readonly Question[]
  /** About the answers to the others. */
  readonly last?: Question
  readonly close?: () => Promise<void>
}

/** Asks everything. Rejects only where the run was stopped. */
export async function probe(patient: Patient, options: ExamineOptions): Promise<readonly ProbedSubject[]> {
  const veil = createVeil(namesIn(patient))
  const all = probedIn(patient)
  let done = 0
  return Promise.all(
    all.map(async ({ subject, open }) => {
      const answers = await answersOf(open, options)
      done += 1
      options.onDone?.(done, all.length, { subject, check: 'open questions', tried: 'asking' })
      return {
        subject,
        answers: answers.map((one) => (one.answer === undefined ? one : { ...one, answer: veil(one.answer) })),
      }
    }),
  )
}

async function answersOf(open: Probed['open'], options: ExamineOptions): Promise<readonly ProbeAnswer[]> {
  try {
    const { questions, last, close } = await open()
    try {
      const answers = await Promise.all(questions.map(([question, ask]) => answerOf(question, ask, options)))
      return last ? [...answers, await answerOf(last[0], last[1], options)] : answers
    } finally {
      await close?.()
    }
  } catch (error) {
    return [failed('anything', error, options.signal)]
  }
}

async function answerOf(question: string, ask: Question[1], options: ExamineOptions): Promise<ProbeAnswer> {
  try {
    return { question, answer: await within(ask, options) }
  } catch (error) {
    return failed(question, error, options.signal)
  }
}

/** The code of a failure and never its message: messages name hosts. */
function failed(question: string, error: unknown, signal: AbortSignal): ProbeAnswer {
  signal.throwIfAborted()
  return { question, failure: reasonOf(error).code }
}

function probedIn(patient: Patient): readonly Probed[] {
  const { organizations, trusts, configuration } = patient
  const reached = organizations.filter(({ name }) => organizationEndpoint(configuration, name) !== undefined)
  const tenants = trusts.flatMap((trust) => [...trust.tenants.values()])
  const deployments = trusts.flatMap((trust) => [...trust.deployments.values()].map((one) => [one, trust] as const))
  return [
    ...reached.map((one, index) => ({
      subject: `organization ${index + 1}`,
      open: () => ofOrganization(one, patient),
    })),
    ...tenants
      .filter(({ name }) => tenantEndpoint(configuration, name) !== undefined)
      .map((one, index) => ({ subject: `tenant ${index + 1}`, open: () => ofTenant(one, patient) })),
    ...deployments
      .filter(([{ name }]) => Object.hasOwn(configuration.spec.deployments, name))
      .map(([one, trust], index) => ({
        subject: `deployment ${index + 1}`,
        open: () => ofDeployment(one, trust, patient),
      })),
  ]
}

async function ofOrganization({ name }: DesiredOrganization, patient: Patient) {
  const { configuration, machine } = patient
  const watched = watching(await patient.http())
  const options = clientOptionsOf(name, watched.http, { configuration, machine, writing: false })
  return { questions: organizationQuestions(options), last: watched.question }
}

async function ofTenant(tenant: DesiredTenant, patient: Patient) {
  const { http, question } = watching(await patient.http())
  const options = await tenantOptionsOf(tenant, { ...patient, http, writing: false, clients: new Map() })
  const questions = options ? tenantQuestions(options, tenant.servicePrincipal.appId) : []
  return { questions: [...questions, ...metadataQuestions(tenant, patient, http)], last: question }
}

/** Whether CRM could fetch it from here. Nothing of ours is sent along; what plays a tenant on this machine has no such address. */
function metadataQuestions({ cloud, name }: DesiredTenant, patient: Patient, http: HttpClient): readonly Question[] {
  const url = s2sValuesOf(cloud)?.metadataUrl
  if (url === undefined || tenantEndpoint(patient.configuration, name)?.endpoints !== undefined) return []
  const ask = async (signal: AbortSignal) => {
    const { status, body } = await http.send({ method: 'GET', url, headers: { Accept: 'application/json' }, signal })
    return `status ${status}, ${/"issuer"\s*:/.test(body.toString('utf8')) ? 'with' : 'without'} an issuer`
  }
  return [['can the metadata of the token issuer be read', ask]]
}

async function ofDeployment({ name }: DesiredDeployment, trust: DesiredTrust, patient: Patient) {
  const http = await patient.http()
  const { servers = [] } = patient.configuration.spec.deployments[name] ?? {}
  const reached = servers.flatMap(({ offline }, index) => (offline ? [] : [index]))
  const configuration = serversAs(patient.configuration, name, reached, { purpose: 'reading', identity: '' })
  const options = deploymentOptionsOf(name, { ...patient, configuration, http, writing: false, clients: new Map() })
  const organizations = organizationsOn(trust, name).map(({ uniqueName }) => uniqueName)
  return {
    questions: options ? serverQuestions(options, organizations) : [],
    close: async () => void (await Promise.all((options?.servers ?? []).map(({ reading }) => reading.close()))),
  }
}

/** An HTTP client that keeps the forms of Retry-After which it saw. */
function watching(http: HttpClient): { readonly http: HttpClient; readonly question: Question } {
  const seen = new Set<string>()
  return {
    http: {
      async send(request) {
        const response = await http.send(request)
        const { 'retry-after': after } = response.headers
        if (response.status === 429 || response.status === 503) seen.add(`${response.status} with ${afterForm(after)}`)
        return response
      },
      close: () => http.close(),
    },
    question: ['which forms has Retry-After', async () => [...seen].sort().join(', ') || 'nothing was throttled'],
  }
}

function afterForm(value: string | readonly string[] | undefined): string {
  if (value === undefined) return 'none'
  return /^\d+$/.test(String(value)) ? 'seconds' : /^\d+\.\d+$/.test(String(value)) ? 'fractions of seconds' : 'a date'
}

/** Everything in configuration and spec that names somebody. */
function namesIn({ configuration, organizations, trusts }: Patient): readonly string[] {
  const { spec } = configuration
  const hosts = [
    ...Object.values(spec.organizations).map(({ url }) => new URL(url).hostname),
    ...Object.values(spec.deployments).flatMap(({ servers }) => servers.map(({ host }) => host)),
  ]
  return [
    ...hosts.flatMap((host) => [host, ...host.split('.')]),
    ...Object.keys(spec.organizations),
    ...Object.values(spec.identities).flatMap(({ userName, clientId }) => [userName ?? '', clientId ?? '']),
    ...organizations.flatMap(({ name, uniqueName }) => [name, uniqueName]),
    ...trusts.flatMap(({ tenants }) =>
      [...tenants.values()].flatMap(({ name, tenantId, servicePrincipal }) => [
        name,
        tenantId,
        ...servicePrincipal.domains,
      ]),
    ),
    ...trusts.flatMap(({ deployments }) => [...deployments.keys()]),
  ]
}
