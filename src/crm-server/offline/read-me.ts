import type { Bundle } from './bundle.ts'

/** How the text begins. */
export const READ_ME_HEAD = 'Scripts for CRM servers that mailkeel does not connect to'

/** What a person needs to know who carries these files and may never have heard of mailkeel. */
export function readMeText(bundles: readonly Bundle[]): string {
  const secrets = [
    ...new Set(bundles.flatMap(({ calls }) => calls.flatMap((call) => call.secrets.map(({ prompt }) => prompt)))),
  ]
  const writes = bundles.some(({ calls }) => calls.some(({ script }) => script.writes))
  const usesCrm = bundles.some(({ calls }) =>
    calls.some(({ script }) => script.body.includes('Microsoft.Crm.PowerShell')),
  )
  const lines = [
    READ_ME_HEAD,
    '',
    'Run these, one after the other, in this order:',
    '',
    ...bundles.flatMap(({ name, server, words }) => [`  ${name}.ps1`, `      on ${server}: ${words}`]),
    '',
    'How:',
    '',
    '  1. Copy the script to the server, into a folder that only administrators can write to.',
    '  2. Start Windows PowerShell there as administrator (not the x86 one), go to that folder and type',
    `       powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\\${bundles[0]?.name ?? ''}.ps1`,
    `     You must be a local administrator of the server${usesCrm ? ', and a Deployment Administrator of CRM where no password of one is asked for' : ''}.`,
    '  3. It says Done or FAILED, and writes its answer beside itself: a file that ends with .answer.txt.',
    ...(writes ? ['     After FAILED run no further script; what you have by then is enough.'] : []),
    '  4. Bring all the .answer.txt files back into one folder and type, where mailkeel runs:',
    '       mailkeel apply --read-results <that folder> --emit-scripts <a folder for what comes next>',
    '',
    ...(secrets.length === 0
      ? ['Nothing secret is asked for.']
      : ['You are asked for what is secret; have it ready:', '', ...secrets.map((prompt) => `  - ${prompt}`)]),
    '',
    'There is no secret in these files, and none in the answers: names of accounts and servers, certificates without their keys, settings.',
    ...(writes
      ? ['Run twice they do no harm: what is so already is left as it is; a restart is a restart once more.']
      : ['These scripts only look; they change nothing.']),
    'Delete the scripts and answers from the server afterwards.',
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}
