/** An error of Secrets Manager. `name` is the exception's name in the SDK. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}
