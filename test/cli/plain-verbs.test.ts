import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { MESS_KINDS, SWITCH_VALUES } from '../../src/simulator/index.ts'
import { needs } from '../setup/needs.ts'
import { directoryWith, mailkeel } from './process.ts'

/** Words that a message explains by itself. */
const HELPLESS = /^--(mailboxes|latency|mess|switch|connected)$/

describe('the program', () => {
  it('without a word shows help and ends well', async () => {
    const { code, stdout } = await mailkeel([])

    expect(code).toBe(EXIT.inSync)
    for (const { name, summary } of VERBS) {
      expect(stdout).toContain(name)
      expect(stdout).toContain(summary)
    }
  })

  it.each([
    { words: ['frobnicate'], says: "unknown command 'frobnicate'", reason: 'no such verb' },
    { words: ['plann'], says: 'Did you mean plan', reason: 'a slip of the finger' },
    { words: ['pln'], says: 'See mailkeel --help', reason: 'help of a verb that is none' },
    { words: ['help', 'foo'], says: "unknown command 'foo'", reason: 'help for no verb' },
    { words: ['plan', '--frob'], says: "unknown option '--frob'", reason: 'no such flag' },
    { words: ['plan', '--output', 'pdf'], says: 'Allowed choices are text, json, markdown', reason: 'no such form' },
    { words: ['version', 'extra'], says: 'too many arguments', reason: 'a word too many' },
    { words: ['completion'], says: "missing required argument 'shell'", reason: 'a word too few' },
    { words: ['simulate', '--mailboxes', 'many'], says: '--mailboxes takes a number', reason: 'not a number' },
    { words: ['simulate', '--latency', '5'], says: '--latency takes a duration', reason: 'a number without a unit' },
    { words: ['simulate', '--mess', 'chaos'], says: 'no mess is called "chaos"', reason: 'no such mess' },
    { words: ['simulate', '--switch', 'mood=bad'], says: 'no switch is called "mood"', reason: 'no such switch' },
    {
      words: ['simulate', '--switch', 'v92=maybe'],
      says: 'v92 is false or true, not "maybe"',
      reason: 'no such answer',
    },
    { words: ['simulate', '--connected'], says: 'only with --trust', reason: 'nothing to connect' },
    { words: ['simulate', '--sign-in', 'magic'], says: 'Allowed choices are none, bearer', reason: 'no such sign-in' },
  ])('$words is misuse ($reason): says what to do, with exit code 64', async ({ words, says }) => {
    const { code, stdout, stderr } = await mailkeel(words)

    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toContain(says)
    // The help says what is right where the parser refuses; elsewhere the message does.
    expect(stderr.includes('--help')).toBe(!words.some((word) => HELPLESS.test(word)))
    expect(stderr).not.toContain('at ')
  })

  it.each(VERBS.map(({ name }) => name))('%s --help has flags, examples and exit codes', async (name) => {
    const { code, stdout } = await mailkeel([name, '--help'])

    expect(code).toBe(EXIT.inSync)
    expect(stdout).toContain(`Usage: mailkeel ${name}`)
    expect(stdout).toContain('Examples:')
    expect(stdout).toContain('Exit codes, the strongest first:')
  })

  it('help <verb> is the same as <verb> --help', async () => {
    const [one, other] = await Promise.all([mailkeel(['help', 'plan']), mailkeel(['plan', '--help'])])

    expect(one.stdout).toBe(other.stdout)
  })

  it('tells its version', async () => {
    const { code, stdout } = await mailkeel(['version'])

    expect(code).toBe(EXIT.inSync)
    expect(stdout).toMatch(/^mailkeel \d+\.\d+\.\d+ on Node\.js v\d+/)
  })
})

describe('simulate', () => {
  it('lists the kinds of mess', async () => {
    const { stdout } = await mailkeel(['simulate', '--mess', 'help'])

    for (const { name, describe: words } of MESS_KINDS) {
      expect(stdout).toContain(name)
      expect(stdout).toContain(words)
    }
  })

  it('prints its address and a configuration, answers, and ends by Ctrl-C', async () => {
    let answered: Promise<Response> | undefined
    const ended = await mailkeel(['simulate', '--mailboxes', '3'], {
      onOutput(output, kill) {
        const url = /is simulated at (\S+)/.exec(output)?.[1]
        if (answered !== undefined || url === undefined || !output.includes('Ctrl-C')) return
        answered = fetch(`${url}/api/data/v9.1/WhoAmI()`)
        void answered.finally(() => kill('SIGINT'))
      },
    })

    expect((await answered)?.status).toBe(200)
    expect(ended.code).toBe(EXIT.inSync)
    expect(ended.stdout).toContain('apiVersion: mailkeel/v1')
  })

  it('lists the switches', async () => {
    const { stdout } = await mailkeel(['simulate', '--switch', 'help'])

    for (const name of Object.keys(SWITCH_VALUES)) expect(stdout).toContain(`${name}=`)
  })

  it('plays another organization beside, with the switches and the silent service it was told of', async () => {
    let answered: Promise<readonly unknown[]> | undefined
    const words = ['simulate', '--mailboxes', '3', '--beside', 'contoso-test', '--async-off', '--switch', 'v92=true']
    await mailkeel(words, {
      onOutput(output, kill) {
        const [, url, beside] = /is simulated at (\S+)[\s\S]*contoso-test is simulated at (\S+)/.exec(output) ?? []
        if (answered !== undefined || url === undefined || !output.includes('Ctrl-C')) return
        const controls = new URL('/_simulator/conditions', url)
        answered = Promise.all([
          fetch(`${url}/api/data/v9.2/WhoAmI()`).then(({ status }) => status),
          fetch(`${beside}/api/data/v9.1/WhoAmI()`).then(({ status }) => status),
          fetch(controls).then((response) => response.json()),
        ])
        void answered.finally(() => kill('SIGINT'))
      },
    })

    expect(await answered).toEqual([200, 200, expect.objectContaining({ asynchronousService: false })])
  })

  it.each([
    { way: 'windows', says: 'CONTOSO\\simulator-admin' },
    { way: 'adfs', says: '/adfs/oauth2/token' },
  ])('says who may sign in: $way', async ({ way, says }) => {
    const { stdout } = await mailkeel(['simulate', '--sign-in', way], {
      onOutput: (output, kill) => void (output.includes('Ctrl-C') && kill('SIGINT')),
    })

    expect(stdout).toContain(says)
  })

  it('says when the port is taken', async () => {
    const taken = await import('node:net').then(
      ({ createServer }) =>
        new Promise<import('node:net').Server>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
    )
    const address = taken.address()
    const port = typeof address === 'object' ? String(address?.port) : ''

    const { code, stderr } = await mailkeel(['simulate', '--port', port])
    taken.close()

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('the port is taken')
  })
})

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s knows every verb and its flags', async (shell) => {
    const { stdout } = await mailkeel(['completion', shell])

    for (const { name } of VERBS) expect(stdout).toContain(name)
    expect(stdout).toContain('details')
    expect(stdout).toContain('text json markdown')
  })

  needs('bash')('in bash', () => {
    it('completes verbs, flags and values', async () => {
      const { stdout: script } = await mailkeel(['completion', 'bash'])
      const folder = directoryWith({ 'completion.bash': script })
      const complete = (words: string) =>
        bash(
          `source completion.bash; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _mailkeel; echo "\${COMPREPLY[@]}"`,
          folder,
        )

      expect(await complete('mailkeel pla')).toBe('plan')
      expect(await complete('mailkeel plan --det')).toBe('--details')
      expect(await complete('mailkeel plan --output js')).toBe('json')
    })
  })
})

function bash(script: string, cwd: string): Promise<string> {
  const child = spawn('bash', ['--norc', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve) => child.on('close', () => resolve(output.trim())))
}
