import { placeName, type SpecDocument } from '../document.ts'
import { documentsOf } from '../spec.ts'
import { type CheckContext, reportTaken } from './context.ts'

/** Names are unique, and an object of the outside world is wanted by one document only. */
export function checkNames(context: CheckContext): void {
  const { spec } = context
  const tenants = documentsOf(spec, 'Tenant')
  const organizations = documentsOf(spec, 'Organization')
  reportNames(context, tenants)
  reportNames(context, documentsOf(spec, 'Deployment'))
  reportNames(context, organizations)
  reportTaken(
    context,
    tenants,
    (tenant) => tenant.value.spec.tenantId.toLowerCase(),
    (tenant, first) =>
      tenant.problem(
        ['spec', 'tenantId'],
        `the Tenant at ${placeName(first.origin())} has this tenant id too; keep one`,
      ),
  )
  reportTaken(
    context,
    organizations,
    ({ value }) => `${value.spec.deployment ?? ''} ${value.spec.uniqueName.toLowerCase()}`,
    (organization, first) =>
      organization.problem(
        ['spec', 'uniqueName'],
        `the Organization at ${placeName(first.origin())} is the same CRM organization; keep one`,
      ),
  )
  for (const scope of context.organizations.values()) {
    for (const documents of [scope.profiles, scope.sets, scope.overrides]) reportNames(context, documents)
    const [first, ...others] = scope.settings
    for (const other of first ? others : []) {
      const message = `the organization \`${scope.name}\` has its EmailSettings in ${placeName(first?.origin() ?? other.origin())} already; keep one`
      context.report(other.problem(['kind'], message))
    }
  }
}

function reportNames(context: CheckContext, documents: readonly SpecDocument[]): void {
  reportTaken(
    context,
    documents,
    (document) => document.name,
    (document, first) =>
      document.problem(
        ['metadata', 'name'],
        `the ${document.kind} \`${document.name}\` is in ${placeName(first.origin())} already; rename one`,
      ),
  )
}
