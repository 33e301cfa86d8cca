import { afterEach, describe, expect, test } from 'vitest'
import type { Channel, ScriptCall } from '../../src/crm-server/channel.ts'
import { scriptOf } from '../../src/crm-server/scripts.ts'
import { createSshChannel, type SshChannelOptions } from '../../src/crm-server/ssh-channel.ts'
import type { SshSignIn } from '../../src/crm-server/ssh-connection.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { framed, good, PASSWORD, payloadOf, type Run, type SshPeer, sshKey, startSshPeer, USER } from './ssh-peer.ts'

const NEVER = new AbortController().signal
const NOW = new Date('2026-11-23T08:00:00Z')
const READING: ScriptCall = { script: scriptOf('read-server'), input: {}, secrets: [] }
const WRITING: ScriptCall = { script: scriptOf('set-marker'), input: { sha256: 'ab' }, secrets: [] }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function peer(run: (run: Run) => void, publicKey?: string): Promise<SshPeer> {
  const started = await startSshPeer(run, publicKey)
  closing.push(started.close)
  return started
}

let tokens = 0
function channelTo(
  { port, hostKeySha256 }: Pick<SshPeer, 'port' | 'hostKeySha256'>,
  options: Partial<SshChannelOptions> = {},
): Channel {
  const channel = createSshChannel({
    host: '127.0.0.1',
    port,
    name: `127.0.0.1:${port}`,
    hostKeySha256,
    userName: USER,
    signIn: { type: 'Password', password: async () => PASSWORD },
    newToken: () => (++tokens).toString(16).padStart(32, '0'),
    now: () => NOW,
    ...options,
  })
  closing.unshift(() => channel.close())
  return channel
}

/** Answers every call with what came in. */
function echo({ stream, stdin }: Run): void {
  void stdin.then((line) => {
    const { token, script, input } = payloadOf(line)
    stream.write(framed(token, good({ id: script.id, input })))
    stream.exit(0)
    stream.end()
  })
}

/** A timer that fires at once for this delay, and never for others. */
const passing = (due: number) => (delayMs: number, fire: () => void) => {
  const timer = delayMs === due ? setImmediate(fire) : undefined
  return () => clearImmediate(timer)
}

describe('a call', () => {
  test('goes out on standard input alone, which ends right after it, and its answer comes back', async () => {
    const server = await peer(echo)
    const secret = { path: 'pfx.password', prompt: 'p', kind: 'password', read: async () => CANARY_SECRET } as const

    const answer = await channelTo(server).execute({ ...WRITING, secrets: [secret] }, NEVER)

    const result = { id: 'set-marker', input: { sha256: 'ab', pfx: { password: CANARY_SECRET } } }
    expect(answer).toEqual({ ok: true, result, changed: false, warnings: [], at: NOW.toISOString() })
    expect(server.commands).toHaveLength(1)
    const encoded = server.commands[0]?.split(' ').at(-1) ?? ''
    expect(Buffer.from(encoded, 'base64').toString('utf16le')).not.toContain(CANARY_SECRET)
  })

  test('of 500 kB arrives whole', async () => {
    const server = await peer(echo)
    const data = 'A'.repeat(500_000)

    const answer = await channelTo(server).execute({ ...WRITING, input: { data } }, NEVER)

    expect(answer).toMatchObject({ ok: true, result: { input: { data } } })
  })

  test('shares one connection with the next, and a lost connection is opened anew', async () => {
    const server = await peer(echo)
    const channel = channelTo(server)

    await Promise.all([channel.execute(READING, NEVER), channel.execute(READING, NEVER)])
    expect(server.connections).toBe(1)

    await channel.close()
    await channel.execute(READING, NEVER)
    expect(server.connections).toBe(2)
    expect(server.commands).toHaveLength(3)
  })

  test('may be answered in drops', async () => {
    const server = await peer(({ stream, stdin }) => {
      void stdin.then((line) => {
        const drops = framed(payloadOf(line).token, good('x')).match(/.{1,7}|\s+/g) ?? []
        const next = (): unknown => {
          const drop = drops.shift()
          if (drop === undefined) {
            stream.exit(0)
            return stream.end()
          }
          stream.write(drop)
          setImmediate(next)
        }
        next()
      })
    })

    expect(await channelTo(server).execute(READING, NEVER)).toMatchObject({ ok: true, result: 'x' })
  })
})

describe('an answer', () => {
  const answering = (write: (token: string, run: Run) => void) => (run: Run) =>
    void run.stdin.then((line) => write(payloadOf(line).token, run))
  const end = ({ stream }: Run, code: number) => {
    stream.exit(code)
    stream.end()
  }
  const faults: readonly {
    readonly name: string
    readonly write: (token: string, run: Run) => void
    readonly code: string
    readonly text: RegExp
    readonly reason: string
  }[] = [
    {
      name: 'with the token of another call',
      write: (_token, run) => {
        run.stream.write(framed('f'.repeat(32), good('x')))
        end(run, 0)
      },
      code: 'Malformed',
      text: /exit code 0, and a document of another call came back/,
      reason: 'it was not made for this question',
    },
    {
      name: 'without a document',
      write: (_token, run) => {
        run.stream.write('done\r\n')
        end(run, 0)
      },
      code: 'Malformed',
      text: /exit code 0, and no document came back/,
      reason: 'an exit code alone is no success',
    },
    {
      name: 'of errors as CLIXML',
      write: (_token, run) => {
        run.stream.stderr.write('#< CLIXML\r\n<Objs><S S="Error">language mode_x000D__x000A_</S></Objs>')
        end(run, 1)
      },
      code: 'Malformed',
      text: /came back: language mode$/,
      reason: 'its error is the best hint there is',
    },
    {
      name: 'of a shell without PowerShell',
      write: (_token, run) => {
        run.stream.stderr.write("'powershell.exe' is not recognized as an internal or external command")
        end(run, 1)
      },
      code: 'PowerShellMissing',
      text: /no powershell\.exe/,
      reason: 'the shell says so in words of its own',
    },
    {
      name: 'that is cut in its middle',
      write: (token, run) => {
        run.stream.write(framed(token, good('x')).slice(0, 60), () => run.connection.end())
      },
      code: 'Cut',
      text: /was cut/,
      reason: 'half of a document is none',
    },
    {
      name: 'that was printed half',
      write: (token, run) => {
        run.stream.write(framed(token, good('x')).slice(0, 60))
        end(run, 0)
      },
      code: 'Cut',
      text: /was cut/,
      reason: 'the process died',
    },
    {
      name: 'that never ends to grow',
      write: (_token, run) => void run.stream.write(Buffer.alloc(9 * 1024 * 1024, 'x')),
      code: 'Malformed',
      text: /printed more than/,
      reason: 'memory is not for others to fill',
    },
  ]
  test.each(faults)('$name is $code', async ({ write, code, text }) => {
    const server = await peer(answering(write))

    const reading = await channelTo(server)
      .execute(READING, NEVER)
      .catch((error: unknown) => error)
    const writing = await channelTo(server)
      .execute(WRITING, NEVER)
      .catch((error: unknown) => error)

    expect(reading).toMatchObject({ code, effect: 'none', message: expect.stringMatching(text) })
    expect(writing).toMatchObject({ code, effect: code === 'PowerShellMissing' ? 'none' : 'possible' })
  })

  test('of two documents is the last one, with any exit code', async () => {
    const server = await peer(
      answering((token, run) => {
        run.stream.write(`noise\r\n${framed(token, good(1))}${framed(token, good(2))}`)
        end(run, 7)
      }),
    )

    expect(await channelTo(server).execute(READING, NEVER)).toMatchObject({ ok: true, result: 2 })
  })

  test('that says it failed is an answer', async () => {
    const error = { code: 'WrongPassword', message: 'no' }
    const server = await peer(
      answering((token, run) => {
        run.stream.write(framed(token, { v: 1, ok: false, error }))
        end(run, 1)
      }),
    )

    expect(await channelTo(server).execute(READING, NEVER)).toEqual({ ok: false, error })
  })

  test('that quotes a secret is told without it', async () => {
    const server = await peer(
      answering((_token, run) => {
        run.stream.stderr.write(`#< CLIXML\r\n<Objs><S S="Error">bad ${CANARY_SECRET}</S></Objs>`)
        end(run, 1)
      }),
    )
    const secret = { path: 'p', prompt: 'p', kind: 'password', read: async () => CANARY_SECRET } as const

    const failed = await channelTo(server)
      .execute({ ...READING, secrets: [secret] }, NEVER)
      .catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: 'Malformed' })
    expect(JSON.stringify(failed) + String(failed)).not.toContain(CANARY_SECRET)
  })
})

describe('waiting ends', () => {
  test('at the deadline of a script that hangs, and the next call connects anew', async () => {
    let hanging: (() => void) | undefined
    const server = await peer((run) => {
      if (server.commands.length > 1) return echo(run)
      void run.stdin.then(() => hanging?.())
    })
    const schedule = (delayMs: number, fire: () => void) => {
      if (delayMs === 1_000) hanging ??= fire
      return () => undefined
    }
    const channel = channelTo(server, { deadlines: { scriptMs: 1_000 }, schedule })

    const failed = await channel.execute(WRITING, NEVER).catch((error: unknown) => error)
    const next = await channel.execute(READING, NEVER)

    expect(failed).toMatchObject({ code: 'TimedOut', effect: 'possible' })
    expect(String(failed)).toContain('did not answer within 1 s')
    expect(next).toMatchObject({ ok: true })
    expect(server.connections).toBe(2)
  })

  test('at the deadline of a server that accepts and says nothing', async () => {
    const { createServer } = await import('node:net')
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => silent.close(() => resolve())))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const channel = channelTo(
      { port, hostKeySha256: `SHA256:${'A'.repeat(43)}` },
      { deadlines: { connectMs: 500 }, schedule: passing(500) },
    )

    const failed = await channel.execute(WRITING, NEVER).catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: 'TimedOut', effect: 'none' })
  })

  test('when the pass is cancelled', async () => {
    const cancel = new AbortController()
    const server = await peer(({ stdin }) => void stdin.then(() => cancel.abort()))
    const channel = channelTo(server)

    const failed = await channel.execute(WRITING, cancel.signal).catch((error: unknown) => error)
    const late = await channel.execute(WRITING, cancel.signal).catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: 'Cancelled', effect: 'possible' })
    expect(late).toMatchObject({ code: 'Cancelled', effect: 'none' })
  })
})

const [OTHER_KEY, LOCKED_KEY] = [sshKey(), sshKey('p')]

describe('a sign-in', () => {
  test.each([
    ['a key', undefined],
    ['a key with a passphrase', 'pass'],
  ])('works by %s, and tries nothing else', async (_name, passphrase) => {
    const key = sshKey(passphrase)
    const server = await peer(echo, key.public)
    const given = passphrase === undefined ? {} : { passphrase: async () => passphrase }
    const channel = channelTo(server, { signIn: { type: 'Key', privateKey: async () => key.private, ...given } })

    expect(await channel.execute(READING, NEVER)).toMatchObject({ ok: true })
    expect(new Set(server.tried)).toEqual(new Set(['publickey']))
  })

  test.each<readonly [string, SshSignIn, RegExp]>([
    [
      'a wrong password',
      { type: 'Password', password: async () => CANARY_SECRET },
      /refused the password of svc-mailkeel/,
    ],
    [
      'a key it does not know',
      { type: 'Key', privateKey: async () => OTHER_KEY.private },
      /refused the key of svc-mailkeel/,
    ],
    ['a file that is no key', { type: 'Key', privateKey: async () => CANARY_SECRET }, /cannot be read/],
    [
      'a key whose passphrase is missing',
      { type: 'Key', privateKey: async () => LOCKED_KEY.private },
      /its passphrase/,
    ],
  ])('is refused with %s, and not tried again', async (_name, signIn, text) => {
    const server = await peer(echo)
    const channel = channelTo(server, { signIn })

    const first = await channel.execute(WRITING, NEVER).catch((error: unknown) => error)
    const second = await channel.execute(WRITING, NEVER).catch((error: unknown) => error)

    expect(first).toMatchObject({ code: 'SignInRefused', effect: 'none', message: expect.stringMatching(text) })
    expect(String(first)).not.toContain(CANARY_SECRET)
    expect(second).toBe(first)
    expect(server.connections).toBeLessThanOrEqual(1)
  })

  test('is never begun with another host key', async () => {
    const server = await peer(echo)
    const channel = channelTo({ port: server.port, hostKeySha256: `SHA256:${'A'.repeat(43)}` })

    const failed = await channel.execute(WRITING, NEVER).catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: 'HostKeyChanged', effect: 'none' })
    expect(String(failed)).toContain(server.hostKeySha256)
    expect(server.tried).toEqual([])
  })

  test('finds nobody where no server listens', async () => {
    const server = await peer(echo)
    await server.close()

    const failed = await channelTo(server)
      .execute(WRITING, NEVER)
      .catch((error: unknown) => error)

    expect(failed).toMatchObject({
      code: 'Unreachable',
      effect: 'none',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('the fence of a channel', () => {
  const fence = () => {
    throw new Error('the lease is over')
  }

  test('gives no input to a script that writes, and says that nothing was changed', async () => {
    const inputs: string[] = []
    const server = await peer(({ stdin }) => void stdin.then((line) => inputs.push(line)))
    const channel = channelTo(server, { fence })

    const error = await channel.execute(WRITING, NEVER).catch((refused: unknown) => refused)

    expect(error).toMatchObject({ code: 'Cancelled', effect: 'none' })
    expect(String(error)).toContain('set-marker on 127.0.0.1')
    expect(String(error)).toContain('the lease is over')
    expect(inputs.filter((line) => line !== '')).toEqual([])
  })

  test('lets scripts that read pass', async () => {
    const channel = channelTo(await peer(echo), { fence })

    const answer = await channel.execute(READING, NEVER)

    expect(answer.ok).toBe(true)
  })
})
