/** A row of the remote system: what a person opens to change an object by hand. `table` is the name that the remote system has for it. */
export interface RemoteRecord {
  readonly table: string
  readonly id: string
}
