import { documentsOf } from '../spec.ts'
import type { CheckContext } from './context.ts'

/**
 * A certificate has somebody to trust it and somebody to sign in with it: with one of them missing, nothing would ever come of it. Skipped
 * where files could not be read: what is missing may stand there.
 */
export function checkTrusts(context: CheckContext): void {
  if (!context.complete) return
  const deployments = documentsOf(context.spec, 'Deployment')
  const hasTenant = documentsOf(context.spec, 'Tenant').length > 0
  const used = new Set(documentsOf(context.spec, 'Organization').map(({ value }) => value.spec.deployment))
  // Where there is only one, an organization that names none is on it.
  const isUsed = (name: string) => used.has(name) || (deployments.length === 1 && used.has(undefined))
  for (const deployment of deployments) {
    const { name } = deployment.value.metadata
    if (deployment.value.spec.certificate === undefined) continue
    if (!hasTenant) {
      const message = `the certificate of \`${name}\` is for a tenant that is to trust it, and there is no Tenant; add one`
      context.report(deployment.problem(['spec', 'certificate'], message))
    } else if (!isUsed(name)) {
      const message = `no Organization is on the Deployment \`${name}\`, so nothing would ever sign in with its certificate; name it as \`deployment\` of an Organization, or take \`certificate\` out`
      context.report(deployment.problem(['spec', 'certificate'], message))
    }
  }
}
