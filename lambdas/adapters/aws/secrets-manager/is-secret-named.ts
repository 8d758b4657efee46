/**
 * Whether a text is a secret's name, or its ARN in that region: Secrets Manager appends a hyphen and six characters to the name
 * (API_CreateSecret). Calls always use the configured name, so an event cannot redirect them.
 */
export function isSecretNamed(secretId: string, name: string, region: string): boolean {
  if (secretId === name) return true;
  const [, secretRegion, secretName] = SECRET_ARN.exec(secretId) ?? [];
  return secretRegion === region && secretName === name;
}

const SECRET_ARN = /^arn:aws(?:-[a-z-]+)?:secretsmanager:([a-z0-9-]+):\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;
