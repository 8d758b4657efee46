import { connectionOf, type Connection } from '../client/connection';
import { findCredentials } from '../client/find-credentials';
import { outboundAgent } from '../client/outbound-agent';
import { SignedClient } from '../client/signed-client';
import type { FoundCredentials, Way } from '../client/way';
import { CliError, EXIT, type ExitCode } from '../io/cli-error';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { checkCredentials } from './check-credentials';
import { checkEndpoint, type Asking } from './check-endpoint';
import { checkLog } from './check-log';
import { checkPermissions } from './check-permissions';
import { checkReadiness } from './check-readiness';
import { checkVault, hasVaultSettings } from './check-vault';
import { checkVersions } from './check-versions';
import { isFailure, LIMIT_MS, type Check, type Finding } from './finding';

/**
 * Checks everything that a call needs, and reports each finding at once. A check that an earlier finding makes impossible is reported
 * as skipped.
 *
 * @param tell gets one finding of each check, in their order
 * @throws CliError `interrupted` only
 */
export async function examine(
  session: Session,
  { provider, options, limitMs = LIMIT_MS }: { provider: string | undefined; options: OptionValues; limitMs?: number },
  tell: (finding: Finding) => void,
): Promise<void> {
  const { env, signal, waiting } = session.parts;
  const clock = (): number => waiting.wallClock();
  const finish = async (server: Asking | undefined): Promise<void> => {
    if (hasVaultSettings(env)) tell(await checkVault(env));
    if (server?.connection.isLocal === true) {
      const log = await checkLog(env, clock());
      if (log !== undefined) tell(log);
    }
    tell(await checkVersions(process.version, server));
  };

  const asking = await attempt('endpoint', async (): Promise<Asking> => {
    const connection = connectionOf(options, env);
    return { connection, agent: await outboundAgent(connection, env), signal, clock, limitMs };
  });
  if ('check' in asking) {
    tell(asking);
    for (const check of ['clock', 'credentials', 'permissions', 'readiness'] as const) tell(untried(check, 'endpoint'));
    return finish(undefined);
  }
  const [endpoint, ofClock] = await checkEndpoint(asking);
  session.throwIfInterrupted();
  tell(endpoint);
  tell(ofClock);

  const found = await attempt('credentials', () => withinLimit(findFor(asking, options, env), limitMs));
  const way: Way | undefined = 'check' in found ? undefined : { ...asking, found };
  tell(way === undefined ? (found as Finding) : await checkCredentials(way, { env, signal, clock, limitMs }));
  session.throwIfInterrupted();

  const missing = isFailure(endpoint) ? 'endpoint' : way === undefined ? 'credentials' : undefined;
  if (way === undefined || missing !== undefined) {
    for (const check of ['permissions', 'readiness'] as const) tell(untried(check, missing ?? 'credentials'));
    return finish(isFailure(endpoint) ? undefined : asking);
  }
  const client = new SignedClient(way, clock, { replyMs: limitMs });
  const remedy = asking.connection.isLocal ? AT_LOCAL_SERVER : AT_DEPLOYMENT;
  const permissions = await attempt(
    'permissions',
    () => checkPermissions((call) => client.send(call, signal), provider),
    remedy,
  );
  session.throwIfInterrupted();
  tell(permissions);
  const readiness = await attempt(
    'readiness',
    () => checkReadiness((call) => client.send(call, signal), { provider, remedy: remedy(EXIT.unavailable) }),
    remedy,
  );
  session.throwIfInterrupted();
  tell(readiness);
  return finish(asking);
}

const findFor = (
  { connection, agent }: { connection: Connection; agent: Asking['agent'] },
  { profile }: OptionValues,
  env: Session['parts']['env'],
): Promise<FoundCredentials> => findCredentials({ profile, connection, env, agent });

/** For refusals and failures of the service, whose log says more than its reply. */
const AT_LOCAL_SERVER = (): string => 'the log of the local server says why, where npm start runs';
const AT_DEPLOYMENT = (exitCode: ExitCode): string =>
  exitCode === EXIT.refused
    ? 'check that access key, secret and region are those of this deployment'
    : 'check the alarms: docs/operations.md says what each means';

/** The finding of a check, or of its failure. */
async function attempt<T>(
  check: Check,
  work: () => Promise<T>,
  remedyFor?: (exitCode: ExitCode) => string,
): Promise<T | Extract<Finding, { status: 'fail' }>> {
  try {
    return await work();
  } catch (thrown) {
    return thrown instanceof CliError
      ? {
          check,
          status: 'fail',
          detail: thrown.detail,
          ...(remedyFor !== undefined && { remedy: remedyFor(thrown.exitCode) }),
          exitCode: thrown.exitCode,
        }
      : { check, status: 'fail', detail: 'an unexpected error occurred', exitCode: EXIT.unexpected };
  }
}

const untried = (check: Check, lacking: Check): Finding => ({
  check,
  status: 'warn',
  detail: `not checked: it needs the ${lacking}`,
});

/** A credential provider may wait for a person, or for a machine that does not exist. */
async function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(() => {
      reject(new CliError(EXIT.usage, 'usage', `no AWS credentials within ${Math.ceil(limitMs / 1000)} seconds`));
    }, limitMs);
    timer.signal.addEventListener('abort', () => {
      clearTimeout(timeout);
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
