import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { usageError, type CliError } from '../io/cli-error';
import { IN_HISTORY } from '../io/in-history';
import { readReference, REFERENCE_SCHEME, type CredentialReference } from './credential-reference';
import { EnvFileFault, parseEnvFile, type EnvEntry } from './parse-env-file';
import { readEnvFile } from './read-env-file';
import { targetFault } from './target-variable';

/** Value of a variable of the program. */
export type Assignment = { readonly variable: string } & (
  { readonly reference: CredentialReference } | { readonly value: string }
);

/** The options of `run` with assignments. */
export interface AssignmentOptions {
  readonly credential?: readonly string[];
  readonly 'env-file'?: readonly string[];
}

/** Each distinct credential takes a call, and an audit event. */
const MOST_REFERENCES = 100;

/** An environment holds no more, and large values in all of them would not fit into memory. */
const MOST_VARIABLES = 1_000;

/**
 * Returns all variables of the program, checked as far as possible without calls: those of the command line, then those of the
 * files.
 *
 * @throws CliError which repeats only names of variables
 */
export async function readAssignments(options: AssignmentOptions): Promise<readonly Assignment[]> {
  const { credential = [], 'env-file': files = [] } = options;
  if (credential.length + files.length === 0) {
    throw usageError('run: --credential or --env-file is missing');
  }
  const assignments = credential.map(ofOption);
  for (const [index, path] of files.entries()) {
    assignments.push(...(await ofFile(path, files.length === 1 ? '' : ` ${index + 1}`)));
  }
  if (assignments.length > MOST_VARIABLES) {
    throw usageError(`run: at most ${MOST_VARIABLES} variables may be set`);
  }
  refuseDoubles(assignments);
  const references = new Set(
    assignments.flatMap((each) => ('reference' in each ? [`${each.reference.provider}/${each.reference.name}`] : [])),
  );
  if (references.size > MOST_REFERENCES) {
    throw usageError(`run: at most ${MOST_REFERENCES} credentials may be used`);
  }
  return assignments;
}

function ofOption(text: string): Assignment {
  const equals = text.indexOf('=');
  const [before, variable] = [text.slice(0, Math.max(0, equals)), text.slice(equals + 1)];
  const reference = readReference(before);
  if (reference === undefined) throw notAnAssignment(text);
  const fault = targetFault(variable);
  if (fault !== undefined) throw usageError(`--credential: the variable ${fault}${inHistory(variable)}`);
  return { variable, reference };
}

function notAnAssignment(text: string): CliError {
  const rule = '--credential: must be PROVIDER/NAME=VARIABLE, such as openai/default=OPENAI_API_KEY';
  const [first = '', ...rest] = text.split('=');
  const isTurned = targetFault(first) === undefined && readReference(rest.join('=')) !== undefined;
  return usageError(`${rule}${isTurned ? '; the variable comes last' : ''}${inHistory(text)}`);
}

/** A key may have been typed in the wrong place. */
const inHistory = (text: string): string =>
  text.split(/[=/]/).some(isKeyShaped) ? `; it looks like a key, and ${IN_HISTORY}` : '';

async function ofFile(path: string, which: string): Promise<readonly Assignment[]> {
  const text = await readEnvFile(path, `--env-file: the file${which}`);
  try {
    return parseEnvFile(text).map(ofEntry);
  } catch (thrown) {
    if (!(thrown instanceof EnvFileFault)) throw thrown;
    throw usageError(`--env-file: line ${thrown.line}${which === '' ? '' : ` of file${which}`}: ${thrown.rule}`);
  }
}

function ofEntry({ variable, value, line }: EnvEntry): Assignment {
  // A reference in another form, or within a text, would reach the program unchanged, which would send it as a key.
  if (!/keyward:\/\//i.test(value)) return { variable, value };
  const reference = value.startsWith(REFERENCE_SCHEME)
    ? readReference(value.slice(REFERENCE_SCHEME.length))
    : undefined;
  if (reference !== undefined) return { variable, reference };
  throw new EnvFileFault(
    line,
    `a reference must be the whole value, ${REFERENCE_SCHEME}PROVIDER/NAME: that of ${variable} is not`,
  );
}

function refuseDoubles(assignments: readonly Assignment[]): void {
  const variables = new Set<string>();
  for (const { variable } of assignments) {
    if (variables.has(variable)) throw usageError(`run: the variable ${variable} is given twice`);
    variables.add(variable);
  }
}
