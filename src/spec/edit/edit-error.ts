/** Something cannot be edited in place: it stands in an unusual form, or the file is not what it was. Nothing was written. */
export class EditError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EditError'
  }
}
