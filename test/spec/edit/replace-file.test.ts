import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replaceFile } from '../../../src/spec/edit/replace-file.ts'
import { directoryWith } from '../../cli/process.ts'

const BEFORE = Buffer.from('before\n')
const AFTER = Buffer.from('after\n')

describe('a file that is replaced', () => {
  it.each([0o600, 0o644, 0o755])('keeps its mode %o, and nothing else is left beside it', async (mode) => {
    const { folder, path } = fileWith(BEFORE)
    chmodSync(path, mode)

    await replaceFile({ path, bytes: BEFORE }, AFTER, () => 'id')

    expect(readFileSync(path)).toEqual(AFTER)
    expect(statSync(path).mode & 0o777).toBe(mode)
    expect(readdirSync(folder)).toEqual(['sales.yaml'])
  })

  it('is left alone where somebody else changed it meanwhile', async () => {
    const { folder, path } = fileWith(Buffer.from('somebody else was here\n'))

    await expect(replaceFile({ path, bytes: BEFORE }, AFTER, () => 'id')).rejects.toThrow('was changed meanwhile')

    expect(readFileSync(path, 'utf8')).toBe('somebody else was here\n')
    expect(readdirSync(folder)).toEqual(['sales.yaml'])
  })

  it('is no link: what it leads to may be anywhere', async () => {
    const { folder, path } = fileWith(BEFORE)
    const link = join(folder, 'link.yaml')
    symlinkSync(path, link)

    await expect(replaceFile({ path: link, bytes: BEFORE }, AFTER, () => 'id')).rejects.toThrow('no regular file')

    expect(readFileSync(path)).toEqual(BEFORE)
  })

  it('never takes the place of a draft that is there', async () => {
    const { folder, path } = fileWith(BEFORE)
    writeFileSync(join(folder, '.sales.yaml.id'), 'not mine')

    await expect(replaceFile({ path, bytes: BEFORE }, AFTER, () => 'id')).rejects.toThrow('EEXIST')

    expect(readFileSync(path)).toEqual(BEFORE)
    expect(readFileSync(join(folder, '.sales.yaml.id'), 'utf8')).toBe('not mine')
  })
})

function fileWith(bytes: Buffer): { readonly folder: string; readonly path: string } {
  const folder = directoryWith({ 'sales.yaml': bytes.toString() })
  return { folder, path: join(folder, 'sales.yaml') }
}
