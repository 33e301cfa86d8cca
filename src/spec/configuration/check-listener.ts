import type { Configuration } from '../generated/types.ts'
import { identityOf, type Report } from './check-identities.ts'
import { isLoopback } from './loopback.ts'

/** Nobody reaches the page from outside without saying who he is. */
export function checkListener(spec: Configuration['spec'], report: Report): void {
  const { listener } = spec
  if (!listener) return
  if (listener.token === undefined && listener.signIn === undefined && !isLoopback(listener.address)) {
    const message = `a listener at ${listener.address} needs a \`token\` or a \`signIn\`, because others can reach it`
    report(['listener'], message)
  }
  checkPublicUrl(listener, report)
  checkSignIn(spec, report)
  const names = new Set<string>()
  for (const [index, { name }] of listener.webhooks.entries()) {
    if (names.has(name)) report(['listener', 'webhooks', index, 'name'], `there are two webhooks \`${name}\``)
    names.add(name)
  }
}

/** Whoever comes through a proxy comes from this machine, so nobody would be asked who he is. */
function checkPublicUrl(
  { address, publicUrl, token, signIn }: NonNullable<Configuration['spec']['listener']>,
  report: Report,
): void {
  if (publicUrl === undefined || token !== undefined || signIn !== undefined) return
  if (!isLoopback(address) || !URL.canParse(publicUrl) || isLoopback(new URL(publicUrl).hostname)) return
  report(['listener', 'publicUrl'], 'others reach the page there, so the listener needs a `token` or a `signIn`')
}

function checkSignIn(spec: Configuration['spec'], report: Report): void {
  const { listener } = spec
  const signIn = listener?.signIn
  if (!listener || !signIn) return
  const path = ['listener', 'signIn']
  identityOf(spec, signIn.identity, [...path, 'identity'], ['Entra'], report)
  const host = signIn.endpoint !== undefined && URL.canParse(signIn.endpoint) ? new URL(signIn.endpoint).hostname : ''
  if (signIn.endpoint !== undefined && !isLoopback(host)) {
    report([...path, 'endpoint'], 'another sign-in works on loopback only; the cloud decides the address of a real one')
  }
  const page =
    listener.publicUrl !== undefined && URL.canParse(listener.publicUrl) ? new URL(listener.publicUrl) : undefined
  const isOpen = page ? page.protocol === 'http:' && !isLoopback(page.hostname) : false
  if (isOpen) report(['listener', 'publicUrl'], 'people sign in there, so it begins with https://')
  if (!page && !isLoopback(listener.address)) {
    report(path, 'people come back from the sign-in to the address of the page; write it as `listener.publicUrl`')
  }
}
