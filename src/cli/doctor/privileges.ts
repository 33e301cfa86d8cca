// What an account may do in CRM, held against what the spec needs. Pure.
import type { Finding, Remedy } from '../../report/doctor.ts'
import { sentenceList } from '../../report/wording.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { isWriting, privilegeNeeds, privilegesInWords } from '../../stages/prerequisites/privileges.ts'
import type { Role } from './as-identity.ts'
import { bad, good, type Question } from './finding.ts'

/** Whoever may write roles can give everything, also to itself. Names follow the naming rule of CRM's privileges. */
const ROLE_GIVING = /^prv(?:Create|Write|Delete|Assign)Role$/i
const SHOWN = 6

/** What is asked of the privileges of an account. */
export interface PrivilegeQuestion {
  readonly desired: DesiredOrganization
  readonly held: ReadonlySet<string>
  readonly role: Role
  readonly userId: string
}

/** The needs of this role one by one, then what is held beyond them. */
export function privilegeFindings(question: (check: string) => Question, input: PrivilegeQuestion): readonly Finding[] {
  return [...needFindings(question, input), excessFinding(question, input)]
}

function needFindings(question: (check: string) => Question, input: PrivilegeQuestion): readonly Finding[] {
  const { desired, held, role, userId } = input
  const lower = new Set([...held].map((name) => name.toLowerCase()))
  const needs = privilegeNeeds(desired).filter(({ names }) => role.purpose !== 'reading' || !names.some(isWriting))
  return needs.map(({ label, names, perhaps }) => {
    const missing = names.filter((name) => !lower.has(name.toLowerCase()))
    if (missing.length === 0) return good(question(label), names.join(', '))
    const evidence = `the account ${perhaps ? 'may need' : 'lacks'} ${privilegesInWords(missing)}`
    return bad(question(label), perhaps ? 'Person' : 'Broken', 'PrivilegeMissing', evidence, grant(missing, userId))
  })
}

/** How a privilege is given: there is no command for it. */
function grant(missing: readonly string[], userId: string): Remedy {
  return {
    words: `In CRM open Settings > Security > Security Roles and a role that user ${userId} has, give it ${sentenceList(missing.map(inWords))} for the organization, and save.`,
  }
}

/** A privilege as its row and column in a security role: `prvReadMailbox (Read on Mailbox)`. */
export function inWords(name: string): string {
  const [, access, table] = /^prv(Read|Create|Write|Delete|Assign|AppendTo|Append|Share)([A-Z]\w+)$/.exec(name) ?? []
  if (access === undefined || table === undefined) return privilegesInWords([name])
  return `${name} (${access === 'AppendTo' ? 'Append To' : access} on ${table.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')})`
}

function excessFinding(question: (check: string) => Question, { held, role, userId }: PrivilegeQuestion): Finding {
  const asked = question('least privilege')
  const names = [...held].sort()
  const giving = names.filter((name) => ROLE_GIVING.test(name))
  if (giving.length > 0) {
    return bad(
      asked,
      'Excess',
      'Administrator',
      `the account may write security roles (${giving.join(', ')}), as System Administrator and System Customizer may`,
      {
        words: `Give user ${userId} a security role of its own that holds only what is needed, and take its administrator role away.`,
      },
    )
  }
  const writing = names.filter(isWriting)
  if (role.purpose === 'writing' || writing.length === 0) {
    return good(
      asked,
      writing.length === 0 ? 'the account can write nothing' : 'the account cannot write security roles',
    )
  }
  const told = `${writing.slice(0, SHOWN).join(', ')}${writing.length > SHOWN ? ` and ${writing.length - SHOWN} more` : ''}`
  if (role.purpose === 'both') {
    return bad(asked, 'Excess', 'ReadsAndWrites', `whoever plans holds an account that may write: ${told}`, {
      words:
        'Name another identity as `writing` of the organization in the configuration, and take these from the one that reads.',
    })
  }
  return bad(asked, 'Excess', 'ReaderMayWrite', `the account that reads may write: ${told}`, {
    words: `Take these privileges out of the security roles of user ${userId}.`,
  })
}
