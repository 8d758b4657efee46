import { isKeyShaped } from '../lambdas/core/contract/key-shaped';
import { version } from '../package.json';
import { CliError, EXIT } from './io/cli-error';
import type { ApiCall } from './client/api-call';
import type { CallCommand } from './command';
import type { Change } from './commands/agree-to-change';
import { connect as connectBy } from './client/connect';
import { connectionOf, type Environment } from './client/connection';
import { helpText } from './help';
import { nameOptions } from './client/name-options';
import { nameProviders } from './client/name-providers';
import { parseArguments, type Invocation } from './parse-arguments';
import { isShownInFull, renderError, renderReply } from './io/print';
import { endAs } from './program/program-end';
import { PROCESS_SIGNALS, type ProcessSignals } from './io/process-signals';
import type { SecretInput, TerminalParts } from './io/raw-terminal';
import type { ListShown, OutputFormat } from './io/output-format';
import { secretOf } from './secret-of';
import { Session, type ApiClient, type Screen } from './session';
import { PROCESS_WAITING, type Waiting } from './io/waiting';

/** Input and output of a command line: of the process, or of a test. */
export interface Surroundings {
  readonly stdin: SecretInput;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Environment;
  /** Left out: those of the process. */
  readonly waiting?: Waiting;
  readonly signals?: ProcessSignals;
}

/**
 * Runs a command line and returns the exit code. Never throws. Modules that not every command needs are loaded on demand, so that
 * commands start at once.
 */
export async function run(argv: readonly string[], deps: Surroundings): Promise<number> {
  try {
    const parsed = parseArguments(argv);
    switch (parsed.kind) {
      case 'help':
        deps.stdout.write(helpText(parsed.topic));
        break;
      case 'nothing':
        // A script's variable may have been empty: nothing was done, and stdout stays empty.
        deps.stderr.write(helpText());
        return EXIT.usage;
      case 'completion':
        deps.stdout.write((await import('./completion/completion-script')).completionScript(parsed.shell));
        break;
      case 'version':
        deps.stdout.write(asksForJson(argv) ? `${JSON.stringify({ version })}\n` : `${version}\n`);
        break;
      case 'command':
        return await carryOut(parsed, deps);
    }
    return EXIT.ok;
  } catch (thrown) {
    const error =
      thrown instanceof CliError ? thrown : new CliError(EXIT.unexpected, 'unexpected', 'an unexpected error occurred');
    deps.stderr.write(renderError(error, asksForJson(argv)));
    return error.exitCode;
  }
}

/** Whether JSON is requested, also in a wrong command line. Words after `--` are no options. */
const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
};

type CallInvocation = Pick<Invocation, 'options'> & { readonly command: CallCommand };

async function carryOut(invocation: Invocation, deps: Surroundings): Promise<number> {
  const { command, parameters, options } = invocation;
  const tellOnce = onceFor((code: string, detail: string): void => {
    deps.stderr.write(renderError(new CliError(EXIT.ok, code, detail), options.json === true));
  });
  const connect = async (): Promise<ApiClient> =>
    nameOptions(
      nameProviders(await mayLook(await connectBy(options, deps.env, tellOnce), invocation)),
      command.options,
    );
  const { waiting = PROCESS_WAITING, signals = PROCESS_SIGNALS } = deps;
  if ('work' in command) {
    const stop = new AbortController();
    const ignoreInterrupts = waiting.onInterrupt(() => {
      stop.abort();
    });
    const { stdout, stderr, env } = deps;
    const settings = { waiting, signals, signal: stop.signal, json: options.json === true };
    // Accessing stdin opens it, and its data may be for a program.
    const session = new Session({
      ...settings,
      connect,
      stdout,
      stderr,
      env,
      get stdin() {
        return deps.stdin;
      },
    });
    const work = await command.work();
    const end = await work(session, parameters, options).finally(ignoreInterrupts);
    return typeof end === 'object' ? endAs(end, signals) : EXIT.ok;
  }
  const { isLocal } = connectionOf(options, deps.env);
  const call = command.call(parameters, options, { isLocal, now: waiting.wallClock() });
  const json = options.json === true;
  let connected: ApiClient | undefined;
  const connectOnce = async (): Promise<ApiClient> => (connected ??= await connect());
  const parts = { ...deps, connect: connectOnce, waiting, signals, signal: NEVER, json };
  const session = new Session(parts);
  const change = command.change?.(options);
  const agreed = await withAgreement(call, { change, options }, session);
  const client = await connectOnce();
  const complete = await withSecret(agreed, { command, options }, parts);
  const shown = await command.shown(parameters, options);
  if (shown.kind === 'list') {
    const { showPages } = await import('./show-pages');
    const { nothing } = command;
    const settings = { ...deps, json, all: options['all'] === true, ...(nothing !== undefined && { nothing }) };
    await showPages(client, complete, shown, settings);
    return EXIT.ok;
  }
  const reply = await client.send(complete).catch(async (thrown: unknown) => {
    const { changedMeanwhile } = await import('./commands/changed-meanwhile');
    throw withRemedy(agreed === call ? thrown : changedMeanwhile(thrown), command);
  });
  show(reply, shown, deps, json);
  if (change === undefined) return EXIT.ok;
  const { tellUndoCommand } = await import('./commands/tell-undo-command');
  await tellUndoCommand(session, { change, call, parameters, reply, options });
  return EXIT.ok;
}

/** A long-running command looks for credentials repeatedly. */
function onceFor<A extends readonly unknown[]>(act: (...all: A) => void): (...all: A) => void {
  let isDone = false;
  return (...all) => {
    if (!isDone) act(...all);
    isDone = true;
  };
}

/** A name that looks like a key may be one, typed by mistake. */
async function mayLook(client: ApiClient, { command, parameters }: Invocation): Promise<ApiClient> {
  const [provider = ''] = parameters;
  const name = parameters[command.parameters.indexOf('name')];
  if (name === undefined || !isKeyShaped(name)) return client;
  return (await import('./client/look-first')).lookFirst(client, provider, name);
}

/** Ctrl-C ends a single call like any program, unless a question takes it as an answer. */
const NEVER = new AbortController().signal;

async function withAgreement(
  call: ApiCall,
  { change, options }: Pick<Invocation, 'options'> & { readonly change: Change | undefined },
  session: Session,
): Promise<ApiCall> {
  if (change === undefined) return call;
  return (await import('./commands/agree-to-change')).agreeToChange(session, call, {
    change,
    yes: options['yes'] === true,
  });
}

async function withSecret(call: ApiCall, { command, options }: CallInvocation, parts: TerminalParts): Promise<ApiCall> {
  const { secret: member, checkSecret } = command;
  if (member === undefined) return call;
  const secret = await secretOf(member, options, parts);
  checkSecret?.(secret, options);
  return { ...call, body: { ...call.body, [member]: secret } };
}

/** Shows a single complete reply. */
function show(
  reply: Readonly<Record<string, unknown>>,
  shown: Exclude<OutputFormat, ListShown>,
  { stdout, stderr }: Surroundings,
  json: boolean,
): void {
  const settings = { json, isTerminal: stdout.isTTY === true };
  stdout.write(renderReply(reply, shown, settings));
  if (!isShownInFull(reply, shown, settings)) stderr.write(renderError(NOT_SHOWN, json));
}

function withRemedy(thrown: unknown, { remedies = {} }: CallCommand): unknown {
  if (!(thrown instanceof CliError)) return thrown;
  const { exitCode, code, detail, requestId, more } = thrown;
  const remedy = Object.hasOwn(remedies, code) ? remedies[code] : undefined;
  return remedy === undefined ? thrown : new CliError(exitCode, code, `${detail}; ${remedy}`, requestId, more);
}

/** Not a failure, but a user who copies from the screen must know. */
const NOT_SHOWN = new CliError(EXIT.ok, 'not_shown', 'control characters are shown as ?; a pipe or file gets them all');
