import { beforeAll, describe, expect, test } from 'vitest'
import { BOOTSTRAP, commandLine } from '../../src/crm-server/bootstrap.ts'
import { SCRIPT_IDS, scriptOf } from '../../src/crm-server/scripts.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { type RulesChecker, rulesChecker } from './script-rules.ts'

const READING_COMMANDS = [
  ...['Add-PSSnapin', 'ConvertTo-Json', 'ConvertTo-SecureString', 'ForEach-Object', 'Get-ChildItem'],
  ...['Get-CimInstance', 'Get-ItemProperty', 'Get-PSSnapin', 'New-Object', 'Out-Null', 'Select-Object'],
  ...['Set-StrictMode', 'Sort-Object', 'Test-Path', 'Where-Object'],
  ...['Get-CrmAdvancedSetting', 'Get-CrmCertificate', 'Get-CrmOrganization', 'Get-CrmServer'],
]
const WRITING_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'ensure-certificate': ['New-Item', 'Set-ItemProperty', 'Remove-Item', 'certutil.exe'],
  'set-marker': ['New-Item', 'Set-ItemProperty'],
  'write-server-settings': ['Set-CrmAdvancedSetting'],
  'write-tenant-id': ['Set-CrmAdvancedSetting'],
  'switch-certificate': ['Set-CrmCertificate', 'Remove-CrmCertificate', 'Remove-Item'],
  'restart-services': ['Add-Type'],
}

let complaintsAbout: RulesChecker
beforeAll(async () => {
  complaintsAbout = await rulesChecker()
})

describe('every script', () => {
  test.each(SCRIPT_IDS)('%s parses and keeps the rules', (id) => {
    const mayCall = [...READING_COMMANDS, ...(WRITING_COMMANDS[id] ?? [])]

    expect(complaintsAbout(scriptOf(id).body, mayCall)).toEqual([])
  })

  test.each(SCRIPT_IDS)('%s ends with the one document and an explicit exit code', (id) => {
    const { body } = scriptOf(id)

    expect(body).toMatch(/^#.*\nparam\(\$Request\)$/m)
    expect(body.match(/^function Invoke-Script\(\$In\)/gm)).toHaveLength(1)
    expect(body.trimEnd()).toMatch(/exit 1\n\}$/)
    expect(body).not.toContain('\r')
    expect(body).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('has a hash of its whole text, and is the same text each time', () => {
    const hashes = SCRIPT_IDS.map((id) => scriptOf(id).sha256)

    expect(new Set(hashes).size).toBe(SCRIPT_IDS.length)
    expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true)
    expect(scriptOf('read-server')).toBe(scriptOf('read-server'))
  })

  test('says truly whether it writes', () => {
    const reading = SCRIPT_IDS.filter((id) => !scriptOf(id).writes)

    expect(reading).toEqual(['read-server', 'read-deployment'])
    expect(
      reading.filter((id) => /\b(Set-Crm|Remove-|Set-Item|New-Item\b|SetAccessControl)/.test(scriptOf(id).body)),
    ).toEqual([])
  })
})

describe('the rules', () => {
  test.each([
    ['& $name $x', 'it calls what it does not name', 'a variable decides what runs'],
    ['Invoke-Expression $x', 'it calls Invoke-Expression', 'text becomes code'],
    ['iex $x', 'it calls iex', 'the same by its alias'],
    ['Remove-Item -LiteralPath $x -Force', 'it removes by force', 'a read-only file is no mistake of ours'],
    ['Get-Item "C:\\$x"', 'it puts a variable into a string', 'data becomes part of a path'],
    ['if ($a) { Get-Item $b', 'it has a syntax error', 'a brace is missing'],
    [
      'Get-Item $a && Get-Item $b',
      'it has an operator that Windows PowerShell does not',
      'only newer versions know it',
    ],
    ['Add-Type -TypeDefinition $x', 'it adds more than an assembly', 'text becomes code'],
    ['Write-Host $x', 'it calls Write-Host', 'what is printed may be logged'],
  ])('find fault with %s', (body, complaint, _reason) => {
    expect(complaintsAbout(body, ['Get-Item', 'Remove-Item'])).toContain(complaint)
  })
})

describe('the bootstrap', () => {
  test('parses, and its script block is the only code made of text', () => {
    expect(complaintsAbout(BOOTSTRAP, ['ConvertFrom-Json', 'Out-String'])).not.toContain('it has a syntax error')
    expect(BOOTSTRAP.match(/ScriptBlock\]::Create/g)).toHaveLength(1)
  })

  test('fits the command line of cmd.exe, without a character of meaning to a shell', () => {
    const line = commandLine()

    expect(line.length).toBeLessThan(2_500)
    expect(line).toMatch(/^powershell\.exe( -[A-Za-z]+( Unrestricted)?)+ [A-Za-z0-9+/=]+$/)
    expect(Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString('utf16le')).toBe(BOOTSTRAP)
    expect(line).not.toContain(CANARY_SECRET)
  })
})
