/** What the command line ends with: part of its interface, and shown by `--help`. */
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
  /** As env and the shells tell of a program that is there, and of one that is not (POSIX.1-2017, env, "EXIT STATUS"). */
  cannotStart: 126,
  programNotFound: 127,
  /** As shells tell of a program that SIGINT has ended. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code means, in the words of `--help`. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.unexpected, 'something unexpected'],
  [EXIT.usage, 'the command line, its input or the AWS configuration is wrong; nothing was sent'],
  [EXIT.refused, 'refused (403): the signature is wrong or the policy does not allow it'],
  [EXIT.notFound, 'no such provider, credential, previous value or rotation (404)'],
  [EXIT.requestRefused, 'the request was refused for another reason (4xx)'],
  [EXIT.unavailable, 'the service did not answer, or failed (5xx, 429): try again'],
  [EXIT.undecryptable, 'done, but some stored credentials do not decrypt; they are named, and unchanged'],
  [EXIT.notCompleted, 'the rotation was aborted, or an emergency replaced it'],
  [EXIT.cannotStart, 'run: the program could not be started, or not with these values'],
  [EXIT.programNotFound, 'run: there is no such program'],
  [EXIT.interrupted, 'stopped by Ctrl-C; a rotation continues'],
];

/** What else a reply said, for whoever goes on from it. */
export interface ErrorDetails {
  readonly retryAfterSeconds?: number;
  /** Of the rotation that is running already. */
  readonly rotationId?: string;
  /** Whether it stays so until somebody does something about it: to try again is no use. */
  readonly lasts?: boolean;
  /** What is not ready, where the reply is about that. */
  readonly unready?: Unready;
  /** What undoes what was done, to be pasted. */
  readonly command?: string;
}

/** What fails of what it takes to be ready. */
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

/** Ctrl-C. Whoever knows more than that says so instead. */
export const interrupted = (detail = 'stopped by Ctrl-C'): CliError =>
  new CliError(EXIT.interrupted, 'interrupted', detail);

/** The exit code for a reply's HTTP status that is not one of success. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 403) return EXIT.refused;
  if (status === 404) return EXIT.notFound;
  if (status === 429 || status >= 500) return EXIT.unavailable;
  return status >= 400 ? EXIT.requestRefused : EXIT.unexpected;
}
