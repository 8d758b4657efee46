/** Exit codes: part of the command's interface, and listed by `--help`. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  requestRefused: 5,
  unavailable: 6,
  undecryptable: 7,
  notCompleted: 8,
  notVerified: 9,
  /** As env and the shells report a program that cannot be started or does not exist (POSIX.1-2017, env, "EXIT STATUS"). */
  cannotStart: 126,
  programNotFound: 127,
  /** As shells report a program that SIGINT ended. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The meaning of each exit code, as `--help` prints it. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.unexpected, 'something unexpected'],
  [EXIT.usage, 'the command line, its input or the AWS configuration is wrong; nothing was sent'],
  [EXIT.refused, 'refused (403): the signature is wrong or the policy does not allow it'],
  [EXIT.notFound, 'no such provider, credential, previous value, rotation or event (404)'],
  [EXIT.requestRefused, 'the request was refused for another reason (4xx)'],
  [EXIT.unavailable, 'the service did not answer, or failed (5xx, 429): try again'],
  [EXIT.undecryptable, 'done, but some stored credentials do not decrypt; they are named, and unchanged'],
  [EXIT.notCompleted, 'the rotation was aborted or given up, or an emergency replaced it'],
  [EXIT.notVerified, 'audit verify: a log does not hold; each finding says what and where'],
  [EXIT.cannotStart, 'run: the program could not be started, or not with these values'],
  [EXIT.programNotFound, 'run: there is no such program'],
  [EXIT.interrupted, 'stopped by Ctrl-C; a rotation continues'],
];

/** Further members of a reply, for scripts. */
export interface ErrorDetails {
  readonly retryAfterSeconds?: number;
  /** Of the rotation that is running already. */
  readonly rotationId?: string;
  /** Whether it stays until somebody corrects it, so that a retry is useless. */
  readonly lasts?: boolean;
  /** The unready parts, if the reply is about readiness. */
  readonly unready?: Unready;
  /** The command that undoes what was done, to be pasted. */
  readonly command?: string;
}

/** The unready parts. */
export interface Unready {
  readonly providers: readonly { readonly provider: string; readonly code: string }[];
  /** Whether the audit log answers. */
  readonly audit: boolean;
}

/** A failure as it is shown. `detail` is composed of literals or comes from a problem document; it never holds input. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    readonly code: string,
    readonly detail: string,
    readonly requestId?: string,
    readonly more: ErrorDetails = {},
  ) {
    super(detail);
  }
}

/** The command line or its surroundings are wrong; nothing was sent. */
export const usageError = (detail: string): CliError => new CliError(EXIT.usage, 'usage', detail);

/** Ctrl-C. Commands that know more about it replace the message. */
export const interrupted = (detail = 'stopped by Ctrl-C'): CliError =>
  new CliError(EXIT.interrupted, 'interrupted', detail);

/** The exit code for an HTTP status that is not a success. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 403) return EXIT.refused;
  if (status === 404) return EXIT.notFound;
  if (status === 429 || status >= 500) return EXIT.unavailable;
  return status >= 400 ? EXIT.requestRefused : EXIT.unexpected;
}
