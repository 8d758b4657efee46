import { runs } from '../../effort';
import { isLinearizable, type ObservedCall } from '../../linearizability/linearizability';
import { undoRegister, type UndoInput, type UndoOutput } from '../../linearizability/undo-register';
import { SeededRandom } from '../../simulation/seeded-random';
import { patiently } from '../../until';
import { credentialsOf, send, type Credentials, type Reply } from './signed-request';
import { LocalProcess, temporaryHome } from './local-process';

/** 200 in `npm run test:long`. */
const HISTORIES = runs(10, 3);
const CLIENTS = 8;
const CALLS = 12;
const openai = '/v1/providers/openai';

/** Refusals after which the state is certainly unchanged: each is the register's answer. */
const ANSWERS: ReadonlySet<unknown> = new Set([
  'credential_not_found',
  'precondition_failed',
  'previous_value_changed',
  'previous_value_not_found',
]);

const HAPPENS = [
  'put 201',
  'put 200',
  'put 412',
  'delete 204',
  'restore 200',
  'restore 409',
  'purge 204',
  'read 200',
  'previous 200',
  'previous 404',
];

type Call = ObservedCall<UndoInput, UndoOutput>;

/** Several clients of one credential, and their answers. */
class Clients {
  readonly calls: Call[] = [];
  /** The number of answers to each call by status. */
  readonly seen = new Map<string, number>();
  private order = 0;
  /** The last answer to any client. */
  private revision = 1;
  private previous = 1;
  private last = 'sk-example-not-a-real-key-0';

  constructor(
    private readonly server: { readonly url: string; readonly credentials: Credentials },
    private readonly name: string,
    private readonly random: SeededRandom,
  ) {}

  /** One client, which waits for each answer; sometimes it gives up. */
  async run(): Promise<void> {
    for (let made = 0; made < CALLS; made += 1) await this.make(this.choose());
  }

  private choose(): UndoInput {
    const { random } = this;
    switch (random.between(0, 11)) {
      case 0:
      case 1:
        return { call: 'put', value: (this.last = `sk-example-not-a-real-key-${random.next()}`) };
      case 2:
        return { call: 'put', value: this.last };
      case 3:
        return {
          call: 'put',
          value: `sk-example-not-a-real-key-${random.next()}`,
          match: random.chance(0.3) ? 'none' : this.revision,
        };
      case 4:
        return { call: 'delete', purge: random.chance(0.2) };
      case 5:
      case 6:
      case 7:
        return { call: 'restore', revision: this.previous };
      case 8:
        return random.chance(0.5) ? { call: 'purge' } : { call: 'previous' };
      case 9:
        return { call: 'previous' };
      default:
        return { call: 'read' };
    }
  }

  private async make(input: UndoInput): Promise<void> {
    const calledAt = (this.order += 1);
    const isGivenUp = this.random.chance(0.03);
    const sent = this.send(input);
    const reply = isGivenUp ? void sent.catch(() => undefined) : await sent;
    const answeredAt = (this.order += 1);
    const key = `${input.call} ${reply?.status ?? 'given up'}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
    const output = reply && outputOf(input, reply);
    // Other clients were always faster: nothing was done, and the answer tells nothing about the state.
    if (reply?.body['code'] === 'conflict') return;
    this.calls.push({ input, ...(output && { output }), calledAt, answeredAt: output ? answeredAt : Infinity });
    if (output?.revision === undefined) return;
    if (input.call === 'previous') this.previous = output.revision;
    else this.revision = output.revision;
    if (output.previous !== undefined) this.previous = output.previous;
  }

  private send(input: UndoInput): Promise<Reply> {
    const { method, path, body, headers } = requestOf(input);
    const url = `${this.server.url}${openai}/credentials/${this.name}${path}`;
    return send(this.server.credentials, {
      method,
      url,
      ...(body && { body: JSON.stringify(body) }),
      ...(headers && { headers }),
    });
  }
}

function requestOf(input: UndoInput): {
  method: string;
  path: string;
  body?: object;
  headers?: Readonly<Record<string, string>>;
} {
  switch (input.call) {
    case 'put': {
      const { value, match } = input;
      const headers = match === 'none' ? { 'if-none-match': '*' } : { 'if-match': `"${match}"` };
      return { method: 'PUT', path: '', body: { api_key: value }, ...(match !== undefined && { headers }) };
    }
    case 'delete':
      return { method: 'DELETE', path: input.purge ? '?previous=purge' : '' };
    case 'restore':
      return { method: 'POST', path: '/restore', body: { revision: input.revision } };
    case 'purge':
      return { method: 'POST', path: '/purge' };
    case 'read':
      return { method: 'POST', path: '/reveal?consistent=true' };
    case 'previous':
      return { method: 'GET', path: '/previous?consistent=true' };
  }
}

/** The result in a reply; undefined if it is unknown. */
function outputOf({ call }: UndoInput, { status, body }: Reply): UndoOutput | undefined {
  if (status >= 500) return undefined;
  if (status === 204) return {};
  if (status >= 400) {
    const { code } = body;
    if (code !== 'conflict' && !ANSWERS.has(code))
      throw new Error(`${call} was answered with ${status} ${String(code)}`);
    return { code: String(code) };
  }
  const {
    revision,
    api_key: value,
    previous,
  } = body as { revision: number; api_key?: string; previous?: { revision: number } };
  return {
    revision,
    ...(value !== undefined && { value }),
    ...(previous !== undefined && { previous: previous.revision }),
  };
}

const shown = (calls: readonly Call[]): string =>
  calls
    .map(
      ({ input, output, calledAt, answeredAt }) =>
        `${calledAt}-${answeredAt} ${JSON.stringify(input)} ${JSON.stringify(output)}`,
    )
    .join('\n');

test('a stored credential under eight clients at once is a register with undo, also while its key rotates', async () => {
  const { home, remove } = temporaryHome();
  const seen = new Map<string, number>();
  const server = await LocalProcess.start(home);
  try {
    const credentials = credentialsOf(home, 'default');
    for (let history = 0; history < HISTORIES; history += 1) {
      const random = new SeededRandom(history, 13);
      const clients = new Clients({ url: server.url, credentials }, `register-${history}`, random);
      // An emergency promotes at once and escalates a running rotation: values move during the clients' calls.
      const rotation =
        history % 4 === 1
          ? patiently(() => server.call('POST', `${openai}/rotate`, { emergency: true, reason: 'a drill' }))
          : undefined;
      await Promise.all(Array.from({ length: CLIENTS }, () => clients.run()));
      if (rotation !== undefined) expect([200, 202, 409]).toContain((await rotation).status);
      for (const [key, count] of clients.seen) seen.set(key, (seen.get(key) ?? 0) + count);
      if (!isLinearizable(clients.calls, undoRegister)) {
        throw new Error(`history ${history} has no order that explains it:\n${shown(clients.calls)}`);
      }
    }
    // Each kind must have happened; otherwise the histories show nothing about it.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(HAPPENS));
  } finally {
    await server.stop();
    remove();
  }
});
