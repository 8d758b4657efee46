import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';
import { stretchLimits } from '../bundles/stretch-limits';

/**
 * Like run-bundle, but for many functions in one process: each event gets an instance of its function that has just been
 * loaded, with empty caches and an environment of its own. One event at a time, because the environment is the process's.
 */

export interface FreshEvent {
  /** The file of the bundle. */
  readonly path: string;
  /** Of the function; what is set beside `AWS_`, `KEYWARD_`, `POWERTOOLS_`, `SECRETS_` and `VAULT_` stays. */
  readonly env: Readonly<Record<string, string>>;
  readonly event: unknown;
  /** The offset of the wall clock. */
  readonly aheadMs: number;
  /** Whether a call may take as long as a busy machine does: its limits are then far longer than those of a deployed function. */
  readonly isPatient: boolean;
}

export type FreshAnswer = { readonly result: unknown } | { readonly error: string };

type Handler = (event: unknown, context: object) => Promise<unknown>;
type Load = (exports: object, require: unknown, module: { exports: { handler?: Handler } }, ...names: string[]) => void;

const OF_THE_FUNCTION = /^(?:AWS_(?!SDK_JS_)|KEYWARD_|POWERTOOLS_|SECRETS_|VAULT_)/;
const REMAINING_MS = 300_000;
const PATIENCE = 600;

const realNow = Date.now;
const scripts = new Map<string, Script>();

/** Compiled once: a new instance costs only the bundle's start. */
function scriptOf(path: string): Script {
  let script = scripts.get(path);
  if (script === undefined) {
    const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
    // The SDK imports Node's own modules as it needs them.
    script = new Script(text, { filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
    scripts.set(path, script);
  }
  return script;
}

function handlerOf(path: string): Handler {
  const loaded: { exports: { handler?: Handler } } = { exports: {} };
  (scriptOf(path).runInThisContext() as Load)(loaded.exports, require, loaded, path, dirname(path));
  if (loaded.exports.handler === undefined) throw new Error('the bundle exports no handler');
  return loaded.exports.handler;
}

async function serve({ path, env, event, aheadMs, isPatient }: FreshEvent): Promise<FreshAnswer> {
  for (const name of Object.keys(process.env))
    if (OF_THE_FUNCTION.test(name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  Date.now = () => realNow() + aheadMs;
  stretchLimits(isPatient ? PATIENCE : 1);
  try {
    return { result: (await handlerOf(path)(event, { getRemainingTimeInMillis: () => REMAINING_MS })) ?? null };
  } catch (thrown) {
    return { error: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'not an Error' };
  }
}

process.on('message', (message: FreshEvent) => {
  void serve(message).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => {
  process.exit(0);
});
