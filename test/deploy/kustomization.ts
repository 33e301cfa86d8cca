import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** A name with whatever else. */
interface Named {
  readonly name: string
}

/** A container, so far as a test reads it. */
interface Container extends Named {
  readonly image: string
  readonly args: readonly string[]
  readonly env?: unknown
  readonly envFrom?: unknown
  readonly securityContext: unknown
  readonly ports: readonly (Named & { readonly containerPort: number })[]
  readonly livenessProbe: { readonly httpGet: unknown }
  readonly readinessProbe: { readonly httpGet: unknown }
  readonly startupProbe: { readonly httpGet: unknown }
  readonly volumeMounts: readonly (Named & { readonly mountPath: string; readonly readOnly?: boolean })[]
}

/** A pod, so far as a test reads it. */
interface Pod {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken: boolean
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number }
  readonly containers: readonly [Container]
  readonly volumes: readonly (Named & { readonly configMap?: Named })[]
}

/** An object of Kubernetes, as it is written, so far as a test reads it. What its kind does not have is absent. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Named & { readonly labels: Readonly<Record<string, string>> }
  readonly automountServiceAccountToken: boolean
  readonly rules: unknown
  readonly roleRef: unknown
  readonly subjects: unknown
  readonly spec: {
    readonly replicas: number
    readonly template: { readonly spec: Pod }
    readonly volumeClaimTemplates: readonly { readonly metadata: Named }[]
    readonly ports: readonly { readonly targetPort: string }[]
    readonly selector: { readonly matchLabels: unknown }
    readonly podSelector: { readonly matchLabels: unknown }
    readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[]
  }
}

/** A kustomization, so far as a test reads it. */
export interface Kustomization {
  readonly namespace: string
  readonly resources: readonly string[]
  readonly labels: unknown
  readonly images: readonly Named[]
  readonly configMapGenerator?: readonly [Named & { readonly files: readonly string[] }]
}

/** The objects that a kustomization names, those of its components included. Throws where a file is missing. */
export function objectsOf(folder: string, withComponents: readonly string[] = []): readonly KubernetesObject[] {
  const kustomization = kustomizationIn(folder)
  const own = kustomization.resources.flatMap((path) => {
    const file = join(folder, path)
    if (!existsSync(file)) throw new Error(`${folder}/kustomization.yaml names ${path}, which is not there`)
    return parseAllDocuments(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true }).map((document) => {
      if (document.errors[0]) throw document.errors[0]
      return document.toJS() as KubernetesObject
    })
  })
  return [...own, ...withComponents.flatMap((path) => objectsOf(join(folder, path)))]
}

/** A kustomization. Files that it makes objects from must be there, in its folder or below: kustomize takes no others. */
export function kustomizationIn(folder: string): Kustomization {
  const kustomization: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  for (const { files } of kustomization.configMapGenerator ?? []) {
    for (const file of files) {
      if (!existsSync(join(folder, file)) || file.startsWith('..'))
        throw new Error(`${folder}/kustomization.yaml makes a ConfigMap of ${file}, which is not there`)
    }
  }
  return kustomization
}
