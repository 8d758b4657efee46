import { agreeToChange, type AskedChange } from '../../../cli/commands/agree-to-change';
import type { ApiCall } from '../../../cli/client/api-call';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { CliStage } from '../../doubles/cli-stage';

const path = '/v1/providers/openai/credentials/main';
const put: ApiCall = { method: 'PUT', path, headers: {}, body: {} };
const deletion: ApiCall = { method: 'DELETE', path, headers: {} };
const stored = { provider: 'openai', name: 'main', hint: 'abcd', revision: 3, updated_at: '2026-11-21T08:00:00.000Z' };
const look = { method: 'GET', path, query: { consistent: 'true' } };
const notFound = new CliError(EXIT.notFound, 'credential_not_found', 'there is no such credential');
const forbidden = new CliError(EXIT.refused, 'access_denied', 'the policy does not allow this');
const damaged = new CliError(EXIT.unavailable, 'credential_damaged', 'somebody has edited it');

const asked = (stage: CliStage, call: ApiCall, change: AskedChange['change'], typed: string): Promise<ApiCall> =>
  stage.typeAtQuestion(agreeToChange(stage.session, call, { change, yes: false }), typed);
const onTerminal = (...replies: (Record<string, unknown> | Error)[]): CliStage =>
  new CliStage(replies, { isTerminal: true });

describe.each([
  ['replaced', put],
  ['deleted', deletion],
] as const)('a credential that would be %s', (change, call) => {
  test.each(['y\r', 'Y\n', 'yes\r', ' yes \r'])('%j agrees to what was shown, and to nothing else', async (typed) => {
    const stage = onTerminal(stored);
    expect(await asked(stage, call, change, typed)).toEqual({ ...call, headers: { 'if-match': '"3"' } });
    expect(stage.calls).toEqual([look]);
    expect(stage.stderr.text).toContain(
      `The key that ends in abcd, stored as main of openai (revision 3, of 2026-11-21T08:00:00.000Z), will be ${change}.\nGo on? [y/N] `,
    );
  });

  test.each(['\r', 'n\r', 'no\r', 'yep\r', 'main\r', '\u0004', 'y\u0007\r', '-----BEGIN X-----\ry\ry\r'])(
    '%j does not',
    async (typed) => {
      const stage = onTerminal(stored);
      await expect(asked(stage, call, change, typed)).rejects.toMatchObject({
        exitCode: 2,
        detail: 'not confirmed; nothing was sent',
      });
      expect(stage.calls).toEqual([look]);
    },
  );

  test('a key that is pasted at the question is no answer, and is not shown', async () => {
    for (const pasted of ['sk-example-not-a-real-key\r', '\u001b[200~sk-example-not-a-real-key\u001b[201~\r']) {
      const stage = onTerminal(stored);
      await expect(asked(stage, call, change, pasted)).rejects.toMatchObject({ exitCode: 2 });
      expect(stage.stderr.text).not.toContain('sk-e');
      expect(stage.stderr.text).toContain(`Go on? [y/N] ${'*'.repeat(25)}`);
    }
  });

  test('Ctrl-C is 130, a closed terminal no agreement', async () => {
    await expect(asked(onTerminal(stored), call, change, 'y\u0003')).rejects.toMatchObject({ exitCode: 130 });
    const stage = onTerminal(stored);
    stage.stdin.end('y');
    await expect(agreeToChange(stage.session, call, { change, yes: false })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('what was typed before the question is no answer', async () => {
    const stage = onTerminal(stored);
    stage.stdin.write('y\ny\n');
    await expect(asked(stage, call, change, '\r')).rejects.toMatchObject({ exitCode: 2 });
  });

  test('--yes asks nothing and looks at nothing', async () => {
    for (const isTerminal of [true, false]) {
      const stage = new CliStage([], { isTerminal });
      expect(await agreeToChange(stage.session, call, { change, yes: true })).toBe(call);
      expect(stage.stderr.text).toBe('');
    }
  });

  test('a revision that was named stays, and any revision becomes the one that was shown', async () => {
    const named = { ...call, headers: { 'if-match': '"2"' } };
    expect(await asked(onTerminal(stored), named, change, 'y\r')).toBe(named);
    const any = { ...call, headers: { 'if-match': '*' } };
    expect(await asked(onTerminal(stored), any, change, 'y\r')).toEqual({ ...call, headers: { 'if-match': '"3"' } });
  });

  test.each([forbidden, damaged])('what cannot be seen is asked about all the same: %s', async (failure) => {
    const stage = onTerminal(failure);
    expect(await asked(stage, call, change, 'y\r')).toBe(call);
    expect(stage.stderr.text).toContain('The key stored as main of openai cannot be shown');
  });

  test('a service that does not answer is asked about nothing', async () => {
    const failure = new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');
    await expect(asked(onTerminal(failure), call, change, 'y\r')).rejects.toBe(failure);
  });

  test('what a stranger has stored does not reach the terminal', async () => {
    const stage = onTerminal({ ...stored, hint: '', updated_at: '\u001b[2J' });
    await asked(stage, call, change, 'y\r');
    expect(stage.stderr.text).toContain('The key, stored as main of openai (revision 3, of ?[2J)');
  });
});

test('nothing to replace is no question, and it must still be nothing', async () => {
  const stage = onTerminal(notFound);
  expect(await agreeToChange(stage.session, put, { change: 'replaced', yes: false })).toEqual({
    ...put,
    headers: { 'if-none-match': '*' },
  });
  const named = { ...put, headers: { 'if-match': '"2"' } };
  expect(await agreeToChange(onTerminal(notFound).session, named, { change: 'replaced', yes: false })).toBe(named);
});

test('nothing to delete is said as it is', async () => {
  await expect(asked(onTerminal(notFound), deletion, 'deleted', 'y\r')).rejects.toBe(notFound);
});

test('in a pipe a key is replaced without a question, as what must be new is anywhere', async () => {
  const stage = new CliStage([]);
  expect(await agreeToChange(stage.session, put, { change: 'replaced', yes: false })).toBe(put);
  const fresh = { ...put, headers: { 'if-none-match': '*' } };
  expect(await agreeToChange(onTerminal().session, fresh, { change: 'replaced', yes: false })).toBe(fresh);
});

test('in a pipe nothing is deleted without --yes, and nothing is sent', async () => {
  const stage = new CliStage([]);
  await expect(agreeToChange(stage.session, deletion, { change: 'deleted', yes: false })).rejects.toMatchObject({
    exitCode: 2,
    detail: expect.stringContaining('give --yes where there is no terminal'),
  });
  expect(stage.connections).toBe(0);
});
