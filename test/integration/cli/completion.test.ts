import { Sink } from '../../doubles/cli-stage';
import { ALL_COMMANDS, FIRST_WORDS, groupOf } from '../../../cli/find-command';
import { OPTIONS } from '../../../cli/options';
import { SHELLS } from '../../../cli/parameters';
import { run } from '../../../cli/run';
import { DEFAULT_PROVIDERS } from '../../../lambdas/core/contract/defaults';
import { describeUnless } from '../../skip-without';
import { PassThrough } from 'node:stream';
import { MISSING, OFFERS } from './shell-completions';

const common = Object.keys(OPTIONS).map((name) => `--${name}`);
const membersOf = (first: string): string[] => groupOf(first).map(({ words }) => words[1] ?? '');

/** The text before the cursor, and the completions. */
const EXPECTED: readonly (readonly [string, readonly string[]])[] = [
  ['keyward ', FIRST_WORDS],
  ['keyward cred', ['credential']],
  ['keyward rot', ['rotate', 'rotation']],
  ['keyward nonsense', []],
  ['keyward nonsense ', []],
  ...FIRST_WORDS.flatMap((word) =>
    membersOf(word).length > 0 ? [[`keyward ${word} `, membersOf(word)] as const] : [],
  ),
  ...ALL_COMMANDS.map(({ words, options }) => {
    const all = Object.keys(options).map((name) => `--${name}`);
    return [`keyward ${words.join(' ')} --`, [...all, ...common]] as const;
  }),
  ['keyward --', common],
  ['keyward credential put --me', ['--metadata']],
  ['keyward credential meta', ['metadata']],
  ['keyward credential metadata ', ['set']],
  ['keyward credential metadata set ', DEFAULT_PROVIDERS],
  ['keyward credential metadata set openai main --un', ['--unset']],
  ['keyward credential restore openai main --rev', ['--revision']],
  ['keyward credential put ', DEFAULT_PROVIDERS],
  ['keyward credential put o', ['openai']],
  ['keyward credential put openai ', []],
  ['keyward credential put openai main --if-', ['--if-match', '--if-none-match']],
  ['keyward rotation watch openai ', ['latest']],
  ['keyward rotation watch openai latest ', []],
  ['keyward completion ', SHELLS],
  // Options with values before, between and after words are passed over.
  ['keyward --region eu-west-1 rotation watch openai ', ['latest']],
  ['keyward --region=eu-west-1 rotation watch openai ', ['latest']],
  ['keyward --endpoint http://127.0.0.1:8787 --json rotation --profile x watch openai ', ['latest']],
  ['keyward encrypt --context team=search ', DEFAULT_PROVIDERS],
  ['keyward encrypt --context=team=search ', DEFAULT_PROVIDERS],
  ['keyward encrypt openai --context team=search --', ['--context', '--trim', ...common]],
  // Values.
  ['keyward audit --success ', ['true', 'false']],
  ['keyward audit --success t', ['true']],
  ['keyward audit --success=', ['true', 'false']],
  ['keyward audit --success=t', ['true']],
  ['keyward audit --type un', ['unauthorized_access']],
  ['keyward credential put --format ', ['key', 'document', 'text']],
  ['keyward audit --provider ', DEFAULT_PROVIDERS],
  ['keyward audit --provider=anth', ['anthropic']],
  ['keyward policy set openai --interval ', ['30', '60', '90']],
  ['keyward keys --region ', []],
  ['keyward encrypt --context ', []],
  // After -- nothing is an option.
  ['keyward keys -- ', DEFAULT_PROVIDERS],
  // Of help, words alone.
  ['keyward help ', FIRST_WORDS],
  ['keyward help po', ['policy']],
  ['keyward help policy ', ['show', 'set']],
  ['keyward help keys ', []],
  ['keyward help credential put ', []],
  ['keyward help credential metadata ', ['set']],
];

/** Bash leaves what stands behind a redirection to whoever completes the words; the other shells see to it themselves. */
const REDIRECTED: readonly (readonly [string, readonly string[]])[] = [
  ['keyward decrypt openai < packag', ['package-lock.json', 'package.json']],
  ['keyward decrypt openai <tscon', ['tsconfig.json']],
  ['keyward decrypt openai --context team=search < docs/er', ['docs/errors.md']],
  ['keyward keys > READ', ['README.md']],
  ['keyward keys 2>> READ', ['README.md']],
  ['keyward keys > no-such-fi', []],
  ['keyward encrypt < package.json ', DEFAULT_PROVIDERS],
  ['keyward keys 2> a=b anth', ['anthropic']],
  ['keyward keys 2>a anth', ['anthropic']],
  ['keyward rotation watch openai > x:y ', ['latest']],
];

/** Files, and behind -- a program and what it takes, as bash has them. */
const FILES_AND_PROGRAMS: readonly (readonly [string, readonly string[]])[] = [
  ['keyward run --env-file packag', ['package-lock.json', 'package.json']],
  ['keyward run --mask -- ./tsconf', ['./tsconfig.json']],
  ['keyward run --mask -- cat tsconf', ['tsconfig.json']],
  ['keyward run --mask -- no-such-progr', []],
];

describe.each(SHELLS)('%s', (shell) => {
  describeUnless(MISSING[shell], 'completes', () => {
    const expected = shell === 'bash' ? [...EXPECTED, ...REDIRECTED, ...FILES_AND_PROGRAMS] : EXPECTED;
    let offered: readonly (readonly string[])[] = [];
    beforeAll(async () => {
      const [stdout, stderr] = [new Sink(), new Sink()];
      await run(['completion', shell], { stdin: new PassThrough(), stdout, stderr, env: {} });
      offered = await OFFERS[shell](
        stdout.text,
        expected.map(([line]) => line),
      );
    });

    test.each(expected.map(([line, words], index) => [line, words, index] as const))('%j', (_, words, index) => {
      expect([...(offered[index] ?? [])].sort()).toEqual([...words].sort());
    });
  });
});
