import type { ScriptHandler } from '../script-run.ts'
import { readDeployment, switchCertificate, writeServerSettings, writeTenantId } from './deployment-scripts.ts'
import { ensureCertificate, readServer, restartServices, setMarker } from './server-scripts.ts'

/** What a script of each id is for. */
export const SCRIPTS: ReadonlyMap<string, ScriptHandler> = new Map([
  ['read-server', readServer],
  ['read-deployment', readDeployment],
  ['ensure-certificate', ensureCertificate],
  ['set-marker', setMarker],
  ['write-server-settings', writeServerSettings],
  ['write-tenant-id', writeTenantId],
  ['switch-certificate', switchCertificate],
  ['restart-services', restartServices],
])
