// The simulated CRM servers as tests and the one world use them.
export { certificateFacts, sha256Of } from './certificate.ts'
export type { ServerFault, ServerFaults } from './faults.ts'
export { type MadeCertificate, makeCertificate } from './pfx.ts'
export {
  addKey,
  connect,
  type DeploymentSeed,
  makeDeploymentCertificate,
  SERVICE_ACCOUNT,
  SIMULATED_PASSWORD,
  seedDeployment,
} from './seed-deployment.ts'
export {
  type LoggedCommand,
  makeServerKeys,
  type RunningServers,
  type ServerAddress,
  type ServerKeys,
  type ServersOptions,
  startServers,
} from './start-servers.ts'
export { SERVER_SWITCH_VALUES, type ServerSwitches } from './switches.ts'
