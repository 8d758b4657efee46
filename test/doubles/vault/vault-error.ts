/** An error of Vault: https://developer.hashicorp.com/vault/api-docs#error-response */
export class VaultError extends Error {
  constructor(
    readonly status: number,
    ...errors: readonly string[]
  ) {
    super(errors[0] ?? '');
  }

  get body(): object {
    return { errors: this.message === '' ? [] : [this.message] };
  }
}
