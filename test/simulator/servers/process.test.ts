import { afterEach, describe, expect, it } from 'vitest'
import type { RunningServers, ServerFault } from '../../../src/simulator/servers/index.ts'
import { makeServerKeys, seedDeployment } from '../../../src/simulator/servers/index.ts'
import { BOOTSTRAP, CREDENTIAL, call, commandLine, NOW_MS, startedServers } from './call.ts'

const open: RunningServers[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function servers(options: Parameters<typeof startedServers>[0] = {}): Promise<RunningServers> {
  const { running } = await startedServers(options)
  open.push(running)
  return running
}

describe('the command line', () => {
  const long = (length: number) => commandLine(BOOTSTRAP.padEnd(Math.ceil((length * 3) / 8)))

  it.each([
    { reason: 'too long for cmd.exe', shell: 'cmd', line: long(8200), message: /too long/ },
    { reason: 'long, but not for PowerShell', shell: 'powershell', line: long(8200) },
    {
      reason: 'with characters of cmd.exe',
      shell: 'cmd',
      line: 'powershell.exe -Command "dir | sort"',
      message: /syntax/,
    },
    { reason: 'with variables of PowerShell', shell: 'powershell', line: 'powershell.exe -enc $x', message: /syntax/ },
    { reason: 'of another program', shell: 'cmd', line: 'pwsh -NoProfile', message: /not recognized/ },
    { reason: 'with an unknown option', shell: 'cmd', line: 'powershell.exe -Foo', message: /not recognized/ },
    {
      reason: 'not encoded in UTF-16',
      shell: 'cmd',
      line: 'powershell.exe -enc QUJD',
      message: /not properly encoded/,
    },
  ] as const)('$reason', async ({ shell, line, message = /^#< CLIXML/ }) => {
    const running = await servers({ switches: { shell } })

    const { stderr, document } = await call(running, 'set-marker', { sha256: 'a' }, { commandLine: line })

    expect(stderr).toMatch(message)
    expect(document?.ok).toBe(message.source.startsWith('^') ? true : undefined)
  })
})

describe('standard input', () => {
  it('is read to its end: a caller who leaves it open waits', async () => {
    const running = await servers()
    const aborted = new AbortController()
    const called = call(running, 'set-marker', {}, { leaveOpen: true, signal: aborted.signal })
    await call(running, 'set-marker', { sha256: 'b' })

    expect(running.log()).toHaveLength(1)
    aborted.abort()
    await expect(called).rejects.toThrow()
  })

  it.each([
    { reason: 'no base64', options: { stdin: '{"v":1}' }, exitCode: 1 },
    { reason: 'nothing at all', options: { stdin: '' }, exitCode: 1 },
    { reason: 'a bootstrap that does not read', options: { bootstrap: 'Get-Date' }, exitCode: 0 },
    {
      reason: 'no input asked for',
      options: {
        commandLine: `powershell.exe -InputFormat None ${commandLine(BOOTSTRAP).split(' ').slice(3).join(' ')}`,
      },
      exitCode: 0,
    },
  ])('that cannot be understood gives no document: $reason', async ({ options, exitCode }) => {
    const running = await servers()

    const called = await call(running, 'set-marker', {}, options)

    expect(called).toMatchObject({ document: undefined, exitCode })
  })

  it('is logged by its length alone', async () => {
    const running = await servers()
    const secret = 'canary-of-this-test'

    await call(running, 'read-deployment', { credential: { user: 'CONTOSO\\svc-mailkeel', password: secret } })

    const [logged] = running.log()
    expect(JSON.stringify(running.log())).not.toContain(secret)
    expect(logged).toMatchObject({ script: 'read-deployment', exitCode: 1 })
    expect(logged?.stdinBytes).toBeGreaterThan(100)
  })
})

describe('faults of an answer', () => {
  it.each([
    { fault: { kind: 'noise' }, ok: true, exitCode: 0, has: /VERBOSE[\s\S]*Transcript/ },
    { fault: { kind: 'two-documents' }, ok: true, exitCode: 0, has: /END-[\s\S]*BEGIN-/ },
    { fault: { kind: 'wrong-token' }, ok: undefined, exitCode: 0, has: /BEGIN-/ },
    { fault: { kind: 'truncated-frame' }, ok: undefined, exitCode: 0, has: /^BEGIN-(?![\s\S]*END-)/ },
    { fault: { kind: 'oem-bytes' }, ok: true, exitCode: 0, has: /\x84\x94\x81/ },
    { fault: { kind: 'no-document' }, ok: undefined, exitCode: 0, has: /^$/ },
    { fault: { kind: 'not-ok', code: 'PrivateKeyNotFound' }, ok: false, exitCode: 1, has: /BEGIN-/ },
    { fault: { kind: 'bad-exit-code' }, ok: true, exitCode: 1, has: /BEGIN-/ },
    { fault: { kind: 'slow', delayMs: 1 }, ok: true, exitCode: 0, has: /BEGIN-/ },
  ] as const)('$fault.kind', async ({ fault, ok, exitCode, has }) => {
    const running = await servers()
    running.faults.add(fault)

    const { document, exitCode: ended, stdout } = await call(running, 'read-server', CREDENTIAL)

    expect(document?.ok).toBe(ok)
    expect(ended).toBe(exitCode)
    expect(stdout.toString('latin1')).toMatch(has)
  })

  it('the error stream has several documents with escapes', async () => {
    const running = await servers()
    running.faults.add({ kind: 'error-stream' })

    const { stderr, document } = await call(running, 'read-server')

    expect(document?.ok).toBe(true)
    expect(stderr.match(/<Objs /g)).toHaveLength(2)
    expect(stderr).toContain('_xD83D__xDE00_')
    expect(stderr).toContain('_x000D__x000A_')
  })

  it.each([
    { effect: true, registry: { S2SCertificate: 'a', S2SChangedAt: '2026-11-23T08:00:00.000Z' } },
    { effect: false, registry: {} },
  ])('a cut connection may hide an effect: $effect', async ({ effect, registry }) => {
    const { running, deployment } = await startedServers()
    open.push(running)
    running.faults.add({ kind: 'cut', effect })

    await expect(call(running, 'set-marker', { sha256: 'a' })).rejects.toThrow('closed')
    expect(deployment.servers[0]?.registry).toEqual(registry)
  })
})

describe('connections', () => {
  it('show the key they were started with, and another one as a fault', async () => {
    const deployment = seedDeployment({ nowMs: NOW_MS })
    const keys = makeServerKeys(deployment)
    const running = await servers({ deployment, keys })
    const [address] = running.servers

    const usual = await call(running, 'read-server')
    running.faults.add({ kind: 'host-key-changed' })
    const strange = await call(running, 'read-server')

    expect(usual.hostKeySha256).toBe(address?.hostKeySha256)
    expect(strange.hostKeySha256).not.toBe(address?.hostKeySha256)
    expect(running.keys).toBe(keys)
  })

  it.each([
    { reason: 'nobody answers', fault: { kind: 'down' }, options: {} },
    { reason: 'a key is refused', fault: { kind: 'sign-in-refused' }, options: {} },
    { reason: 'a wrong password', options: { password: 'x' } },
    { reason: 'an unknown name', options: { userName: 'nobody' } },
  ] as const)('fail where $reason', async ({ options, ...rest }) => {
    const running = await servers()
    if ('fault' in rest) running.faults.add(rest.fault)

    await expect(call(running, 'read-server', {}, options)).rejects.toThrow()
  })

  it('a fault strikes one server, as often as it says', async () => {
    const running = await servers()
    const fault: ServerFault = { kind: 'down', server: running.servers[1]?.name ?? '', times: 1, skip: 1 }
    running.faults.add(fault)

    const first = await call(running, 'read-server', {}, { server: 1 })
    const other = await call(running, 'read-server', {}, { server: 0 })

    expect([first.document?.ok, other.document?.ok]).toEqual([true, true])
    await expect(call(running, 'read-server', {}, { server: 1 })).rejects.toThrow()
    await expect(call(running, 'read-server', {}, { server: 1 })).resolves.toMatchObject({ exitCode: 0 })
  })
})
