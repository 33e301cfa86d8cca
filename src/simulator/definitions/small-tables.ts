// Tables of which only the key and the name are simulated, in the grammar of parse.ts.
import type { TableSource } from './parse.ts'

/** Teams can own rows; nothing else of them matters here. */
export const TEAM: TableSource = {
  name: 'team',
  entitySet: 'teams',
  primaryId: 'teamid',
  primaryName: 'name',
  messages: 'Retrieve RetrieveMultiple',
  navigation: [],
  collections: [],
  columns: `
teamid        Uniqueidentifier R S
name          String:160       R S
versionnumber BigInt           R
`,
}

/** Privileges by id and name, for callers of versions whose RetrieveUserPrivileges tells ids only. */
export const PRIVILEGE: TableSource = {
  name: 'privilege',
  entitySet: 'privileges',
  primaryId: 'privilegeid',
  primaryName: 'name',
  messages: 'Retrieve RetrieveMultiple',
  navigation: [],
  collections: [],
  columns: `
privilegeid   Uniqueidentifier R S
name          String:100       R S
versionnumber BigInt           R
`,
}
