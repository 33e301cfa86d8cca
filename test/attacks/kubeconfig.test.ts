// A23: a kubeconfig may name programs that are run to get a token, and servers that nobody can vouch for. None of it is done.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubernetesApi } from '../../src/daemon/leases/kubernetes-api.ts'
import { kubernetesConfig } from '../../src/daemon/leases/kubernetes-config.ts'
import { kubeconfigTo, startApiServer } from '../daemon/leases/api-server.ts'
import { CANARY_SECRET } from '../setup/canary.ts'

const NEVER = new AbortController().signal
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailkeel-kubeconfig-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(text: string): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, 'config')
  await writeFile(file, text)
  return { KUBECONFIG: file }
}

describe('A23', () => {
  const ran = () => join(folder, 'ran')
  it.each([
    {
      name: 'exec',
      user: () => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [ran()] } }),
      says: 'has `exec`, which would run a program',
    },
    {
      name: 'auth-provider with a command',
      user: () => ({ 'auth-provider': { name: 'gcp', config: { 'cmd-path': 'touch', 'cmd-args': ran() } } }),
      says: 'has `auth-provider`, which would run a program',
    },
    {
      name: 'exec beside a token',
      user: () => ({ token: CANARY_SECRET, exec: { command: 'touch', args: [ran()] } }),
      says: 'has `exec`',
    },
  ])('runs no program that a kubeconfig names: $name', async ({ user, says }) => {
    const server = await startApiServer()
    const environment = await written(kubeconfigTo(server.url, user()))
    const api = kubernetesApi({ namespace: 'mail', timeoutMs: 2000, connect: () => kubernetesConfig(environment) })

    const error = await api.list(NEVER).catch((refused: Error) => refused)

    await server.close()
    expect(String(error)).toContain(says)
    expect(String(error)).not.toContain(CANARY_SECRET)
    expect(existsSync(ran())).toBe(false)
    expect(server.requests).toEqual([])
  })

  it.each([
    { name: 'http beyond loopback', url: 'http://10.0.0.1:8001', cluster: {}, says: 'is not https://' },
    {
      name: 'any certificate',
      url: 'https://10.0.0.1:6443',
      cluster: { 'insecure-skip-tls-verify': true },
      says: 'give it its certificate-authority',
    },
    { name: 'no address', url: 'nowhere', cluster: {}, says: 'is no address' },
  ])('believes no server without a certificate: $name', async ({ url, cluster, says }) => {
    const environment = await written(kubeconfigTo(url, { token: CANARY_SECRET }, cluster))

    await expect(kubernetesConfig(environment)).rejects.toThrow(says)
  })

  it.each([
    { name: 'not YAML', text: `users: [{ token: "${CANARY_SECRET}" ]]` },
    { name: 'nothing in it', text: '{}' },
    { name: 'a number', text: '7' },
  ])('says of a broken file only that it is: $name', async ({ text }) => {
    const error = await kubernetesConfig(await written(text)).catch((refused: Error) => refused)

    expect(String(error)).toContain('is not used: it')
    expect(String(error)).not.toContain(CANARY_SECRET)
  })

  it('says what to do outside of a cluster', async () => {
    await expect(kubernetesConfig({})).rejects.toThrow('KUBECONFIG names no file')
  })

  it('tells neither the token nor what a server says in its refusal', async () => {
    const server = await startApiServer()
    server.fault = () => ({ kind: 'status', status: 403 })
    const environment = await written(kubeconfigTo(server.url, { token: CANARY_SECRET }))
    const api = kubernetesApi({ namespace: 'mail', timeoutMs: 2000, connect: () => kubernetesConfig(environment) })

    const error = await api.list(NEVER).catch((refused: Error) => refused)

    await server.close()
    expect(server.requests[0]?.authorization).toBe(`Bearer ${CANARY_SECRET}`)
    expect(String(error)).toContain('grant get, list, create, update and delete on leases')
    expect(String(error)).not.toContain(CANARY_SECRET)
  })
})
