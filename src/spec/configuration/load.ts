import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { DesiredTrust, Origin } from '../desired.ts'
import type { ParsedDocument } from '../document.ts'
import type { Configuration, Identity, OrganizationEndpoint, SecretReference } from '../generated/types.ts'
import { parseFile } from '../parse-file.ts'
import { compareText, type Problem, problemAt, sortProblems } from '../problem.ts'
import { DEFAULT_LIMITS } from '../yaml/limits.ts'
import type { Path } from '../yaml/positions.ts'
import { checkConfiguration } from './check.ts'

/** The runtime configuration with its defaults filled in, and where its values were written. */
export interface RuntimeConfiguration {
  /** Absolute path of the file. */
  readonly file: string
  /** Absolute path of its folder: relative paths in the file start here. */
  readonly folder: string
  readonly spec: Configuration['spec']
  originOf(path: Path): Origin
}

/** Who signs in to a tenant. */
export type TenantEndpoint = Configuration['spec']['tenants'][string]

/** How to reach the servers of a deployment. */
export type DeploymentEndpoint = Configuration['spec']['deployments'][string]

export type LoadedConfiguration =
  | { readonly ok: true; readonly configuration: RuntimeConfiguration }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads and checks a runtime configuration. Secrets are not read. Throws the error of the file system where the file cannot be. */
export async function loadConfiguration(path: string): Promise<LoadedConfiguration> {
  const file = resolve(path)
  const parsed = await parseFile(await readFile(file), DEFAULT_LIMITS, 'configuration')
  if (parsed.problems.length > 0) {
    return refused(
      parsed.problems.map((problem) => problemAt({ file: path, ...problem }, problem.message, problem.hint)),
    )
  }
  const [document, second] = parsed.documents
  const start = { file: path, line: 1, column: 1 }
  if (document === undefined)
    return refused([problemAt(start, 'the file is empty; it holds one document of kind `Configuration`')])
  if (!isConfiguration(document) || second !== undefined) {
    const message = 'this is no runtime configuration; it holds one document of kind `Configuration` and nothing else'
    return refused([problemAt(start, message)])
  }
  const originOf = (steps: Path): Origin => ({ file: path, ...placeIn(document, steps) })
  const { spec } = document.value
  const problems = [...checkConfiguration(spec, originOf), ...(await windowProblems(spec, originOf))]
  if (problems.length > 0) return refused(problems)
  return { ok: true, configuration: { file, folder: dirname(file), spec, originOf } }
}

/** Most configurations have no windows, and then nothing that reads cron is loaded. */
async function windowProblems(
  spec: Configuration['spec'],
  originOf: (path: Path) => Origin,
): Promise<readonly Problem[]> {
  const { changeWindows, organizations } = spec
  const hasWindows = [changeWindows, ...Object.values(organizations).map((one) => one.changeWindows ?? [])].some(
    ({ length }) => length > 0,
  )
  if (!hasWindows) return []
  const { checkWindows } = await import('./check-windows.ts')
  const problems: Problem[] = []
  checkWindows(spec, new Date(), (path, message) => problems.push(problemAt(originOf(['spec', ...path]), message)))
  return problems
}

/** A path of the configuration as an absolute one. */
export function resolvePath(configuration: RuntimeConfiguration, path: string): string {
  return resolve(configuration.folder, path)
}

/** How to reach an organization, by metadata.name; undefined where the configuration does not say. */
export function organizationEndpoint(
  configuration: RuntimeConfiguration,
  name: string,
): OrganizationEndpoint | undefined {
  return entryOf(configuration.spec.organizations, name)
}

/** How far an organization may be gone with: its own policy, else that of all. A trust has that of all. */
export function policyOf({ spec }: Pick<RuntimeConfiguration, 'spec'>, organization?: string): 'Observe' | 'Enforce' {
  const own = organization === undefined ? undefined : entryOf(spec.organizations, organization)?.policy
  return own ?? spec.policy
}

/** Who signs in to a tenant, by metadata.name; undefined where the configuration does not say. */
export function tenantEndpoint({ spec }: Pick<RuntimeConfiguration, 'spec'>, name: string): TenantEndpoint | undefined {
  return entryOf(spec.tenants, name)
}

/** How to reach the servers of a deployment, by metadata.name; undefined where the configuration does not say. */
export function deploymentEndpoint(
  { spec }: Pick<RuntimeConfiguration, 'spec'>,
  name: string,
): DeploymentEndpoint | undefined {
  return entryOf(spec.deployments, name)
}

/** True where the configuration says how to reach any part of a trust: what it does not reach is neither checked nor written. */
export function isTrustReachable(
  configuration: Pick<RuntimeConfiguration, 'spec'>,
  { tenants, deployments }: Pick<DesiredTrust, 'tenants' | 'deployments'>,
): boolean {
  return (
    [...tenants.keys()].some((name) => tenantEndpoint(configuration, name)) ||
    [...deployments.keys()].some((name) => deploymentEndpoint(configuration, name))
  )
}

/** Who reads or writes an organization or a tenant: the writing identity is the reading one where no other is named. */
export function identityFor(
  configuration: RuntimeConfiguration,
  endpoint: Pick<OrganizationEndpoint, 'reading' | 'writing'>,
  purpose: 'reading' | 'writing',
): Identity | undefined {
  const name = purpose === 'writing' ? (endpoint.writing ?? endpoint.reading) : endpoint.reading
  return entryOf(configuration.spec.identities, name)
}

/** Where a secret that the spec names is kept; undefined where the configuration does not know it. */
export function secretReference(configuration: RuntimeConfiguration, name: string): SecretReference | undefined {
  return entryOf(configuration.spec.secrets, name)
}

/** Names of the organizations that can be reached, in order. */
export function reachableOrganizations(configuration: RuntimeConfiguration): string[] {
  return Object.keys(configuration.spec.organizations).sort(compareText)
}

function entryOf<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

function isConfiguration(document: ParsedDocument): document is ParsedDocument<'Configuration'> {
  return document.kind === 'Configuration'
}

function placeIn({ positions, value }: ParsedDocument, path: Path) {
  return positions.place(positions.offsetOf(value, path))
}

function refused(problems: readonly Problem[]): LoadedConfiguration {
  return { ok: false, problems: sortProblems(problems) }
}
