import { CliError } from '../io/cli-error';
import type { Options } from '../options';
import type { ApiClient } from '../session';

/** A query parameter or body member at the beginning of the service's message. */
const MEMBER = /^([a-z][a-z_]{0,63})(?=[:.[])/;

/**
 * Replaces the parameter or member in the service's message by the option that it came from, because the user typed the option.
 *
 * @returns a client that throws what the wrapped one throws
 */
export function nameOptions(client: ApiClient, options: Options): ApiClient {
  const named = new Map(
    Object.entries(options).flatMap(([name, option]) =>
      option.type === 'string' ? [[option.member ?? name.replaceAll('-', '_'), name] as const] : [],
    ),
  );
  return {
    send: async (call, signal) => {
      try {
        return await client.send(call, signal);
      } catch (thrown) {
        if (!(thrown instanceof CliError) || thrown.code !== 'invalid_request') throw thrown;
        const { exitCode, code, detail, requestId, more } = thrown;
        const option = named.get(MEMBER.exec(detail)?.[1] ?? '');
        if (option === undefined) throw thrown;
        throw new CliError(exitCode, code, detail.replace(MEMBER, `--${option}`), requestId, more);
      }
    },
  };
}
