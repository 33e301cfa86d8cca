import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfiguration, type RuntimeConfiguration } from '../../src/spec/configuration/load.ts'
import { parseDuration } from '../../src/spec/duration.ts'
import { DOCKERFILE, ROOT } from '../docker/image.ts'
import { type KubernetesObject, kustomizationIn, objectsOf } from './kustomization.ts'

const FOLDER = join(ROOT, 'deploy/kubernetes')
const KUSTOMIZATION = kustomizationIn(FOLDER)
const OBJECTS = objectsOf(FOLDER, ['components/monitoring'])
const [GENERATED] = KUSTOMIZATION.configMapGenerator ?? [{ name: '', files: [] }]
const SELECTOR = { 'app.kubernetes.io/name': 'mailkeel' }

function only(kind: string, name = 'mailkeel'): KubernetesObject {
  const found = OBJECTS.filter((object) => object.kind === kind && object.metadata.name === name)
  const [object] = found
  if (found.length !== 1 || !object) throw new Error(`there are ${found.length} objects ${kind} ${name}`)
  return object
}

const POD = only('StatefulSet').spec.template.spec
const [CONTAINER] = POD.containers

async function configuration(): Promise<RuntimeConfiguration> {
  const loaded = await loadConfiguration(join(FOLDER, 'mailkeel.yaml'))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.configuration
}

describe('the kustomization', () => {
  it('uses every file there is, and every object has a name and a version', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
    const used = [...KUSTOMIZATION.resources, ...GENERATED.files, 'kustomization.yaml']

    expect(used.toSorted()).toEqual(files.toSorted())
    for (const { apiVersion, kind, metadata } of OBJECTS)
      expect([apiVersion, kind, metadata?.name]).not.toContain(undefined)
  })

  it('puts everything into one namespace, in which pods must be restricted', () => {
    expect(KUSTOMIZATION.namespace).toBe(only('Namespace').metadata.name)
    expect(only('Namespace').metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted')
    expect(OBJECTS.filter(({ kind }) => /^Cluster/.test(kind))).toEqual([])
  })

  it('labels what selectors look for', () => {
    expect(KUSTOMIZATION.labels).toEqual([{ pairs: SELECTOR, includeSelectors: true }])
    expect(only('NetworkPolicy').spec.podSelector.matchLabels).toEqual(SELECTOR)
    expect(only('PodDisruptionBudget').spec.selector.matchLabels).toEqual(SELECTOR)
    expect(only('ServiceMonitor').spec.selector.matchLabels).toEqual(SELECTOR)
  })

  it('replaces the image that the pods name', () => {
    expect(KUSTOMIZATION.images.map(({ name }) => name)).toEqual([CONTAINER.image])
  })
})

describe('the pods', () => {
  it('are not root, may not become it, and write nowhere but where they must', () => {
    expect(POD.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(CONTAINER.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const writable = CONTAINER.volumeMounts.filter(({ readOnly }) => readOnly !== true)
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/var/lib/mailkeel', '/tmp'])
  })

  it('run as the user of the image', () => {
    const user = DOCKERFILE.stages.at(-1)?.instructions.find(({ keyword }) => keyword === 'USER')?.text

    expect(`${POD.securityContext.runAsUser}:${POD.securityContext.runAsGroup}`).toBe(user)
  })

  it('mount only volumes that there are', () => {
    const claims = only('StatefulSet').spec.volumeClaimTemplates.map(({ metadata }) => metadata.name)
    const volumes = [...POD.volumes.map(({ name }) => name), ...claims]
    const mounted = CONTAINER.volumeMounts.map(({ name }) => name)

    expect(mounted.toSorted()).toEqual(volumes.toSorted())
    expect(POD.volumes.find(({ name }) => name === 'configuration')?.configMap?.name).toBe(GENERATED.name)
  })

  it('keep no secret in their environment', () => {
    expect(CONTAINER.env).toBeUndefined()
    expect(CONTAINER.envFrom).toBeUndefined()
  })

  it('are asked whether they live and whether they are ready, on a port that they have', () => {
    const ports = CONTAINER.ports.map(({ name }) => name)

    expect(CONTAINER.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' })
    expect(CONTAINER.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' })
    expect(CONTAINER.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'http' })
    expect(ports).toEqual(['http', 'metrics'])
    for (const kind of ['mailkeel', 'mailkeel-replicas'])
      for (const { targetPort } of only('Service', kind).spec.ports) expect(ports).toContain(targetPort)
  })
})

describe('the account of the pods', () => {
  it('may do nothing but leases, in its own namespace', () => {
    expect(only('Role').rules).toEqual([
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: ['get', 'list', 'create', 'update', 'delete'],
      },
    ])
    const { roleRef, subjects } = only('RoleBinding')
    expect(roleRef).toMatchObject({ kind: 'Role', name: 'mailkeel' })
    expect(subjects).toEqual([
      { kind: 'ServiceAccount', name: POD.serviceAccountName, namespace: KUSTOMIZATION.namespace },
    ])
  })

  it('hands its token to these pods only', () => {
    expect(only('ServiceAccount').automountServiceAccountToken).toBe(false)
    expect(POD.automountServiceAccountToken).toBe(true)
  })
})

describe('the configuration fits', () => {
  it('looks first', async () => {
    expect((await configuration()).spec.policy).toBe('Observe')
  })

  it('the ports of the pods', async () => {
    const { listener } = (await configuration()).spec
    const ports = CONTAINER.ports.map(({ containerPort }) => containerPort)

    expect([listener?.port, listener?.metrics?.port]).toEqual(ports)
  })

  it('the volumes', async () => {
    const { spec } = await configuration()
    const paths: readonly string[] = CONTAINER.volumeMounts.map(({ mountPath }) => mountPath)
    const files = [...JSON.stringify(spec).matchAll(/"file":"([^"]+)"/g)].map(([, file = '']) => file)

    expect(paths).toContain(spec.stateDirectory)
    expect(files.length).toBeGreaterThan(2)
    for (const file of files)
      expect(
        paths.some((path) => file.startsWith(`${path}/`)),
        file,
      ).toBe(true)
    expect(CONTAINER.args).toEqual(['run', '--config', '/etc/mailkeel/mailkeel.yaml'])
  })

  it('the leases: their namespace, and several replicas only because there are leases', async () => {
    const { leases } = (await configuration()).spec

    expect(leases).toMatchObject({ type: 'Kubernetes', namespace: KUSTOMIZATION.namespace })
    expect(only('StatefulSet').spec.replicas).toBeGreaterThan(1)
  })

  it('the time that it is given to end', async () => {
    const { loop } = (await configuration()).spec

    expect(POD.terminationGracePeriodSeconds * 1000).toBeGreaterThan(parseDuration(loop.shutdownTimeout) + 5000)
  })

  it('the network: what it must reach is let out', async () => {
    const { spec } = await configuration()
    const urls = [...JSON.stringify(spec).matchAll(/"url":"([^"]+)"/g)].map(([, url = '']) => new URL(url))
    const open = only('NetworkPolicy').spec.egress.flatMap(({ ports }) => ports.map(({ port }) => port))

    for (const { port, protocol } of urls)
      expect(open).toContain(port === '' ? { 'https:': 443 }[protocol] : Number(port))
    expect(open).toEqual(expect.arrayContaining([53, 22]))
  })
})

it('a file that is not there is noticed', () => {
  expect(() => objectsOf(join(FOLDER, 'components'))).toThrow()
})
