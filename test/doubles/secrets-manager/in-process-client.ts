import {
  InvalidParameterException,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import type { Request } from './request';
import type { SecretsManagerService } from './secrets-manager-service';
import { ServiceError } from './service-error';

/** The exceptions that adapters handle. */
const EXCEPTIONS = {
  InvalidParameterException,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
};

/**
 * A client of the double without HTTP and without the SDK's serialization, for tests that run thousands of rotations: it takes
 * the SDK's commands, and throws the SDK's exceptions.
 */
export const inProcessClient = (service: SecretsManagerService, region: string): SecretsManagerClient =>
  ({
    send: async (command: { constructor: { name: string }; input: Request }) => {
      const operation = command.constructor.name.replace(/Command$/, '');
      try {
        // As the SDK does if the call has none.
        return service.call(operation, region, { ClientRequestToken: randomUUID(), ...command.input });
      } catch (thrown) {
        throw thrown instanceof ServiceError ? exceptionOf(thrown) : thrown;
      }
    },
  }) as unknown as SecretsManagerClient;

function exceptionOf({ name, message }: ServiceError): Error {
  if (!Object.hasOwn(EXCEPTIONS, name)) return new Error(`${name}: ${message}`);
  return new EXCEPTIONS[name as keyof typeof EXCEPTIONS]({ message, $metadata: {} });
}
