import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { lookFirst } from '../client/look-first';
import { sendWithRetry, type PatientSession } from '../client/send-with-retry';
import { CliError, EXIT, interrupted } from '../io/cli-error';
import type { Session } from '../session';
import { shownReference, type CredentialReference } from './credential-reference';
import type { Assignment } from './read-assignments';

/** Concurrent calls: enough for a short wait, and little load. */
const AT_ONCE = 4;

/** A variable, with the value of a stored credential or a given value. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
}

/**
 * Reveals each credential once, for all variables that need it. Makes no more calls after the first failure.
 *
 * @throws CliError which names the credential, and never a value
 */
export async function revealCredentials(
  session: Session,
  assignments: readonly Assignment[],
): Promise<readonly Variable[]> {
  const wanted = new Map<string, Wanted>();
  for (const each of assignments) {
    if (!('reference' in each)) continue;
    const key = keyOf(each.reference);
    if (!wanted.has(key)) wanted.set(key, each);
  }
  const values = new Map<string, string>();
  const left = [...wanted];
  let hasFailed = false;
  const revealNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !hasFailed; next = left.shift()) {
      const [key, one] = next;
      try {
        values.set(key, await reveal(session, one));
      } catch (thrown) {
        hasFailed = true;
        throw thrown;
      }
    }
  };
  // The first one is revealed alone: a prompt for a code during the search for credentials then appears only once.
  const first = left.splice(1);
  await revealNext();
  left.push(...first);
  await Promise.all(Array.from({ length: AT_ONCE }, revealNext));
  return assignments.map((each) =>
    'reference' in each
      ? { name: each.variable, value: values.get(keyOf(each.reference)) ?? '', isSecret: true }
      : { name: each.variable, value: each.value, isSecret: false },
  );
}

type Wanted = Extract<Assignment, { reference: CredentialReference }>;

const keyOf = ({ provider, name }: CredentialReference): string => `${provider}/${name}`;

async function reveal(session: Session, { reference, variable }: Wanted): Promise<string> {
  const { provider, name } = reference;
  const subject = `${shownReference(reference)} for ${variable}`;
  try {
    const call = { method: 'POST', path: `/v1/providers/${provider}/credentials/${name}/reveal` } as const;
    const { api_key: value } = await sendWithRetry(askerFor(session, reference), call);
    if (typeof value === 'string' && value !== '') return withoutNul(value);
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to come from Keyward');
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    const { exitCode, code, detail, requestId, more } = thrown;
    if (exitCode === EXIT.interrupted) throw interrupted('stopped by Ctrl-C; the program was not started');
    throw new CliError(exitCode, code, `${subject}: ${detail}; the program was not started`, requestId, more);
  }
}

/** A key that was typed as a name is not sent. */
function askerFor(session: Session, { provider, name }: CredentialReference): PatientSession {
  if (!isKeyShaped(name)) return session;
  const client = lookFirst({ send: (call) => session.send(call) }, provider, name);
  return { send: (call) => client.send(call), pause: (ms) => session.pause(ms) };
}

function withoutNul(value: string): string {
  if (!value.includes('\0')) return value;
  throw new CliError(EXIT.cannotStart, 'nul_in_value', 'the value has a NUL, which no variable can hold');
}
