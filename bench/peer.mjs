// The peer: fetches these sets page by page, JSON.parse, and parses these YAML files with the same library. Nothing else.
// Arguments: a JSON file { sets: [url], files: [path] }.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readSet } from './organization.mjs'

const { sets, files } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const parsed = files.map((file) => parse(readFileSync(file, 'utf8')))
const rows = await Promise.all(sets.map((url) => readSet(url)))
if (parsed.length === 0 || rows.flat().length === 0) process.exitCode = 1
