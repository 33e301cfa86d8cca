import { afterEach, describe, expect, it } from 'vitest'
import { md4 } from '../../../src/simulator/wire/sign-in/md4.ts'
import { proofOf, provesPassword } from '../../../src/simulator/wire/sign-in/ntlm.ts'
import { type Api, send, startApi } from './exchange.ts'
import { type Credentials, type KeptConnection, keepConnection, NEGOTIATE, signIn } from './ntlm-client.ts'

const ADMIN: Credentials = { user: 'simulator-admin', password: 'simulator' }

const connections: KeptConnection[] = []

afterEach(() => {
  for (const connection of connections.splice(0)) connection.close()
})

function connect(): KeptConnection {
  const connection = keepConnection()
  connections.push(connection)
  return connection
}

function startWindows(): Promise<Api> {
  return startApi({ authentication: 'windows' })
}

const whoAmI = (api: Api) => `${api.root}WhoAmI()`

describe('MD4', () => {
  it.each([
    { text: '', digest: '31d6cfe0d16ae931b73c59d7e0c089c0', reason: 'nothing' },
    { text: 'abc', digest: 'a448017aaf21d8525fc10ae87aa6729d', reason: 'one block' },
    {
      text: '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      digest: 'e33b4ddc9c38f2199c3e7b164fcc0536',
      reason: 'two blocks',
    },
  ])('gives the digest of RFC 1320 for $reason', ({ text, digest }) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest)
  })
})

describe('the proof of a password', () => {
  it('is that of the example in [MS-NLMP] 4.2.4', () => {
    const response =
      '68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000'
    const domain = Buffer.from('Domain', 'utf16le')
    const user = Buffer.from('User', 'utf16le')
    const fields = [Buffer.alloc(24), Buffer.from(response, 'hex'), domain, user]
    const head = Buffer.alloc(88)
    head.write('NTLMSSP\0\x03', 'latin1')
    let offset = 88
    fields.forEach((field, index) => {
      head.writeUInt16LE(field.length, 12 + index * 8)
      head.writeUInt32LE(offset, 16 + index * 8)
      offset += field.length
    })
    const authenticate = Buffer.concat([head, ...fields])
    const handshake = {
      negotiate: Buffer.alloc(0),
      challenge: Buffer.alloc(0),
      authenticate,
      serverChallenge: Buffer.from('0123456789abcdef', 'hex'),
    }
    const proof = proofOf(authenticate)

    expect(proof).toEqual({ user: 'User', domain: 'Domain' })
    expect(provesPassword(handshake, { user: 'User', domain: 'Domain' }, 'Password')).toBe(true)
    expect(provesPassword(handshake, { user: 'User', domain: 'Domain' }, 'password')).toBe(false)
  })
})

describe('Windows sign-in', () => {
  it('asks with two headers and plain text, for tokens too', async () => {
    const api = await startWindows()

    const answer = await api.call('WhoAmI()', { headers: { Authorization: 'Bearer simulator-admin' } })

    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('text/plain')
    const challenges = answer.rawHeaders.filter((_, at) => answer.rawHeaders[at - 1] === 'WWW-Authenticate')
    expect(challenges).toEqual(['Negotiate', 'NTLM'])
  })

  it.each(['NTLM', 'Negotiate'])('signs in the connection over %s, and no other one', async (scheme) => {
    const api = await startWindows()
    const connection = connect()

    const signedIn = await signIn(connection, whoAmI(api), ADMIN, scheme)
    const later = await connection.send(whoAmI(api))
    const other = await connect().send(whoAmI(api))

    expect([signedIn.status, later.status, other.status]).toEqual([200, 200, 401])
    expect(JSON.parse(later.text)).toMatchObject({ UserId: api.simulator.world.callers.admin.userId })
  })

  it('knows who is who', async () => {
    const api = await startWindows()
    const connection = connect()

    await signIn(connection, whoAmI(api), ADMIN)
    const changed = await signIn(connection, whoAmI(api), { ...ADMIN, user: 'Simulator-Reader', domain: 'contoso' })

    expect(JSON.parse(changed.text)).toMatchObject({ UserId: api.simulator.world.callers.reader.userId })
  })

  it.each<{ credentials: Credentials; status: number; reason: string }>([
    { credentials: { ...ADMIN, plain: true }, status: 200, reason: 'no integrity code, and none promised' },
    { credentials: { ...ADMIN, password: 'other' }, status: 401, reason: 'a wrong password' },
    { credentials: { ...ADMIN, user: 'nobody' }, status: 401, reason: 'an unknown user' },
    { credentials: { ...ADMIN, domain: 'FABRIKAM' }, status: 401, reason: 'another domain' },
    { credentials: { ...ADMIN, flaw: 'version-1' }, status: 401, reason: 'version 1 of the protocol' },
    { credentials: { ...ADMIN, flaw: 'integrity' }, status: 401, reason: 'an integrity code that does not fit' },
  ])('answers $status to $reason', async ({ credentials, status }) => {
    const api = await startWindows()

    const answer = await signIn(connect(), whoAmI(api), credentials)

    expect(answer.status).toBe(status)
  })

  it('does not take a last message that no challenge preceded, nor one twice', async () => {
    const api = await startWindows()
    const connection = connect()
    const last = { Authorization: `NTLM ${Buffer.from('NTLMSSP\0\x03\0\0\0').toString('base64')}` }

    const unasked = await connection.send(whoAmI(api), last)
    await signIn(connection, whoAmI(api), ADMIN)
    const again = await connection.send(whoAmI(api), last)

    expect([unasked.status, again.status]).toEqual([401, 401])
  })

  it('ends sessions when the password changes', async () => {
    const api = await startWindows()
    const connection = connect()
    await signIn(connection, whoAmI(api), ADMIN)

    await send(`${new URL(api.root).origin}/_simulator/passwords`, {
      method: 'POST',
      body: { user: 'simulator-admin', password: 'changed' },
    })
    const later = await connection.send(whoAmI(api))
    const old = await signIn(connection, whoAmI(api), ADMIN)
    const fresh = await signIn(connection, whoAmI(api), { ...ADMIN, password: 'changed' })

    expect([later.status, old.status, fresh.status]).toEqual([401, 401, 200])
  })

  it('can lose the connection in the middle of the handshake', async () => {
    const api = await startWindows()
    api.simulator.faults.add({ kind: 'reset', after: 1, match: { operation: 'sign-in' } })
    const connection = connect()

    const cut = signIn(connection, whoAmI(api), ADMIN)
    await expect(cut).rejects.toThrow(/socket hang up|ECONNRESET/)
    const after = await connection.send(whoAmI(api))
    const again = await signIn(connection, whoAmI(api), ADMIN)

    expect([after.status, again.status]).toEqual([401, 200])
  })

  it('does not let faults of ordinary requests strike the handshake', async () => {
    const api = await startWindows()
    api.simulator.faults.add({ kind: 'status', status: 503, times: 'always', match: { operation: 'request' } })
    const connection = connect()

    const challenge = await connection.send(whoAmI(api), { Authorization: `NTLM ${NEGOTIATE.toString('base64')}` })
    const plain = await connection.send(whoAmI(api))

    expect([challenge.status, plain.status]).toEqual([401, 503])
  })
})
