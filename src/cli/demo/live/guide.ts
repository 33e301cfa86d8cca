import { join } from 'node:path'
import { shellWord } from '../../flags.ts'

/** What the guide names. */
export interface GuideInput {
  /** Of the demo. */
  readonly folder: string
  /** What the daemon says of itself. */
  readonly words: readonly string[]
  /** How this program is started. */
  readonly self: readonly string[]
  readonly repository: string
  readonly rotation: string
  readonly byHand: string
  readonly configuration: string
}

/** What is printed at the start: where everything is, and what to try, as commands to paste. */
export function guide({ folder, words, self, repository, rotation, byHand, configuration }: GuideInput): string {
  const at = (name: string) => shellWord(join(folder, name))
  const page = words.find((one) => one.includes('status page')) ?? words.join(', ')
  return `
${page.charAt(0).toUpperCase()}${page.slice(1)}

Simulated here: a tenant of Exchange Online, two CRM servers, and two CRM organizations in the usual mess. Nothing connects them
yet. A git repository says how it should be; mailkeel connects them now, and brings the mailboxes in waves. Watch it on the page.

In another terminal, look at what is asked, and change it:

  git clone ${at(repository)} mail && cd mail && git log --stat
  # write a mistake, or \`incoming: None\` for sales, then:
  git commit -am 'Try something' && git push

Somebody changes three mailboxes by hand in CRM; mailkeel notices within 15 seconds (${byHand} without words tells what else):

  node ${at(byHand)} method 3

The certificate ends next year. This is the whole rotation, two lines that people review:

  git apply ${at(rotation)} && git commit -am 'Sign in with the next certificate' && git push

Every other command works too:

  alias mailkeel=${shellWord(self.map(shellWord).join(' '))}
  export MAILKEEL_CONFIG=${at(configuration)}
  mailkeel status

docs/tutorial.md goes through all of it in ten minutes. Ctrl-C ends it and removes ${folder}.

`
}
