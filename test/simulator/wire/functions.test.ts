import { describe, expect, it } from 'vitest'
import { startApi } from './exchange.ts'

describe('functions', () => {
  it('WhoAmI tells user, business unit and organization', async () => {
    const api = await startApi()
    const { world } = api.simulator

    const answer = await api.call('WhoAmI()')

    expect(answer.json()).toEqual({
      '@odata.context': `${api.root}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
      BusinessUnitId: world.callers.admin.businessUnitId,
      UserId: world.callers.admin.userId,
      OrganizationId: world.organizationId,
    })
  })

  it('need their parentheses unless the switch says otherwise', async () => {
    const strict = await startApi()
    const loose = await startApi({ switches: { functionsWithoutParentheses: true } })

    expect((await strict.call('WhoAmI')).status).toBe(404)
    expect((await loose.call('WhoAmI')).status).toBe(200)
  })

  const builds = [
    { version: '8.2', segment: 'v8.2', build: /^8\.2\./ },
    { version: '9.0', segment: 'v9.0', build: /^9\.0\./ },
    { version: '9.1', segment: 'v9.1', build: /^9\.1\./ },
    { version: 'online', segment: 'v9.2', build: /^9\.2\./ },
  ] as const
  it.each(builds)('RetrieveVersion tells the build of $version', async ({ version, segment, build }) => {
    const api = await startApi({ version }, segment)

    expect((await api.call('RetrieveVersion()')).json()['Version']).toMatch(build)
  })

  it('RetrieveCurrentOrganization tells names and endpoints', async () => {
    const api = await startApi()
    const path = "RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')"

    const answer = await api.call(path)

    expect(answer.json()['Detail']).toMatchObject({
      OrganizationId: api.simulator.world.organizationId,
      UniqueName: 'contoso-sales',
      Endpoints: { Count: 3 },
    })
    expect((await api.call('RetrieveCurrentOrganization()')).status, 'without its argument').toBe(400)
  })

  const privileges = [
    { version: '9.1', segment: 'v9.1', named: true },
    { version: '8.2', segment: 'v8.2', named: false },
  ] as const
  it.each(privileges)('RetrieveUserPrivileges of $version: names $named', async ({ version, segment, named }) => {
    const api = await startApi({ version }, segment)
    const { userId } = api.simulator.world.callers.admin

    const held = (await api.call(`systemusers(${userId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`)).json()
    const names = (await api.call('privileges?$select=privilegeid,name')).json().value

    const rows = held['RolePrivileges'] as Record<string, string>[]
    const write = names.find((row) => row['name'] === 'prvWriteMailbox')
    const found = rows.find((row) => row['PrivilegeId'] === write?.['privilegeid'])
    expect(found).toMatchObject({ Depth: 'Global' })
    expect(found?.['PrivilegeName']).toBe(named ? 'prvWriteMailbox' : undefined)
  })

  it('RetrieveUserPrivileges leaves out what the caller lacks', async () => {
    const api = await startApi({ authentication: 'bearer' })
    const { userId } = api.simulator.world.callers.reader

    const held = await api.call(`systemusers(${userId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`, {
      headers: { Authorization: 'Bearer simulator-reader' },
    })

    const names = (held.json()['RolePrivileges'] as Record<string, string>[]).map((row) => row['PrivilegeName'])
    expect(names).toContain('prvReadMailbox')
    expect(names).not.toContain('prvWriteMailbox')
  })
})

describe('metadata', () => {
  it('of a table tells the capabilities a client probes', async () => {
    const api = await startApi()

    const answer = await api.call(
      "EntityDefinitions(LogicalName='mailbox')?$select=IsOptimisticConcurrencyEnabled,ChangeTrackingEnabled,ObjectTypeCode",
    )

    expect(answer.json()).toMatchObject({
      IsOptimisticConcurrencyEnabled: false,
      ChangeTrackingEnabled: false,
      ObjectTypeCode: 9606,
      MetadataId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('of columns tells which may be created, updated and read', async () => {
    const api = await startApi()

    const answer = await api.call(
      "EntityDefinitions(LogicalName='mailbox')/Attributes?$select=LogicalName,IsValidForCreate,IsValidForUpdate,IsValidForRead",
    )

    const columns = new Map(answer.json().value.map((row) => [row['LogicalName'], row]))
    expect(columns.get('password')).toMatchObject({
      IsValidForCreate: true,
      IsValidForUpdate: true,
      IsValidForRead: false,
    })
    expect(columns.get('mailboxstatus')).toMatchObject({ IsValidForUpdate: false, IsValidForRead: true })
    expect(columns.get('undeliverablefolder')).toMatchObject({ IsValidForCreate: false, IsValidForUpdate: true })
  })

  it('of several tables is filtered', async () => {
    const api = await startApi()

    const answer = await api.call(
      "EntityDefinitions?$select=LogicalName,EntitySetName&$filter=LogicalName eq 'mailbox' or LogicalName eq 'queue'",
    )

    expect(
      answer
        .json()
        .value.map((row) => row['EntitySetName'])
        .sort(),
    ).toEqual(['mailboxes', 'queues'])
  })

  it('of an unknown table or property is refused', async () => {
    const api = await startApi()

    const table = await api.call("EntityDefinitions(LogicalName='mailboxstatistics')?$select=LogicalName")
    const property = await api.call("EntityDefinitions(LogicalName='mailbox')?$select=Nonsense")

    expect([table.status, property.status]).toEqual([404, 400])
  })
})
