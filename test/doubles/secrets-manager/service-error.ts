/** An error as Secrets Manager answers it. `name` is the exception's, as the SDK's client knows it. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}
