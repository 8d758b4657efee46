import type { SecretValue } from './secret';
import { ServiceError } from './service-error';

/** The members of a request, read one at a time with their documented limits. */
export type Request = Readonly<Record<string, unknown>>;

export const MAX_VALUE_BYTES = 65_536;

export function optionalText(request: Request, member: string): string | undefined {
  const value = request[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ServiceError('InvalidParameterException', `${member} must be a string.`);
  return value;
}

export function requiredText(request: Request, member: string): string {
  const value = optionalText(request, member);
  if (value === undefined || value === '') {
    throw new ServiceError('InvalidParameterException', `You must provide a value for the ${member} parameter.`);
  }
  return value;
}

/** The new version's id. The SDK makes one; clients of the bare API must send one (aws/aws-sdk-js-v3#4640 has the message). */
export function clientRequestToken(request: Request): string {
  const token = optionalText(request, 'ClientRequestToken');
  if (token === undefined) {
    throw new ServiceError(
      'InvalidRequestException',
      'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
    );
  }
  // "Length Constraints: Minimum length of 32. Maximum length of 64."
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
  if (token.length < 32 || token.length > 64) {
    throw new ServiceError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
  }
  return token;
}

/**
 * "You must include SecretBinary or SecretString, but not both"; 65,536 bytes at most.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function optionalSecretValue(request: Request, maxBytes: number): SecretValue | undefined {
  const text = optionalText(request, 'SecretString');
  const binary = optionalText(request, 'SecretBinary');
  if (text !== undefined && binary !== undefined) {
    throw new ServiceError('InvalidParameterException', "You can't specify both SecretString and SecretBinary.");
  }
  if (text === undefined && binary === undefined) return undefined;
  const bytes = text === undefined ? Buffer.from(binary ?? '', 'base64') : Buffer.from(text, 'utf8');
  if (bytes.length > maxBytes) {
    throw new ServiceError('InvalidParameterException', `The secret value must have at most ${maxBytes} bytes.`);
  }
  return text === undefined ? { SecretBinary: binary ?? '' } : { SecretString: text };
}

export function versionStages(request: Request): readonly string[] | undefined {
  const stages = request['VersionStages'];
  if (stages === undefined || stages === null) return undefined;
  // "Array Members: Minimum number of 1 item. Maximum number of 20 items." (API_PutSecretValue)
  if (!Array.isArray(stages) || stages.length < 1 || stages.length > 20) {
    throw new ServiceError('InvalidParameterException', 'VersionStages must have 1 to 20 members.');
  }
  return stages.map(String);
}
