import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Shell } from '../../../cli/parameters';

/** The completions of a shell at the end of each line, in the lines' order. */
type Offers = (script: string, lines: readonly string[]) => Promise<readonly (readonly string[])[]>;

const answers = (program: string, ...argv: string[]): boolean =>
  spawnSync(program, argv, { stdio: 'ignore' }).status === 0;

/**
 * Why a shell cannot be tested here; undefined: it can. Bash completes on a terminal only, which `script` of util-linux makes.
 */
export const MISSING: Readonly<Record<Shell, string | undefined>> = {
  bash:
    answers('bash', '--version') && answers('script', '--version') ? undefined : 'needs bash and script of util-linux',
  zsh: answers('zsh', '-fc', 'zmodload zsh/zpty && autoload -Uz +X compinit') ? undefined : 'zsh is not installed',
  fish: answers('fish', '--version') ? undefined : 'fish is not installed',
};

/** Ignores the user's own configuration of the shell. */
async function inDirectory<T>(script: string, work: (path: string, env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-completion-'));
  try {
    const path = join(directory, '_keyward');
    writeFileSync(path, script);
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      XDG_CONFIG_HOME: directory,
      TERM: 'dumb',
      INPUTRC: '/dev/null',
    };
    return await work(path, env);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function outputOf(
  program: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: Typing,
): Promise<string> {
  const child = spawn(program, argv, { env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  if (child.stdin !== null && child.stdout !== null && input !== undefined) {
    const { stdin, stdout } = child;
    let seen = '';
    const whenReady = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (!seen.includes(input.after)) return;
      stdout.off('data', whenReady);
      stdin.write(input.keys);
    };
    stdout.on('data', whenReady);
  }
  const [out] = await Promise.all([child.stdout === null ? '' : text(child.stdout), closed]);
  return out;
}

/** Input that is typed after an output has appeared. */
interface Typing {
  readonly after: string;
  readonly keys: string;
}

/** `insert-completions` inserts all completions into the line; the line is then printed and discarded. */
const bash: Offers = (script, lines) =>
  inDirectory(script, async (path, env) => {
    const set = String.raw`source '${path}'
PS1= PROMPT_COMMAND='printf "READ""Y\n"'
bind '"\ea": insert-completions'
bind -x '"\ez": printf "{{%s}}\n" "$READLINE_LINE"; READLINE_LINE= READLINE_POINT=0'
bind -x '"\eq": exit'
`;
    const rc = `${path}.rc`;
    writeFileSync(rc, set);
    const keys = `${lines.map((line) => `${line}\u001ba\u001bz`).join('')}\u001bq`;
    const out = await outputOf('script', ['-qec', `bash --rcfile '${rc}' --noprofile -i`, '/dev/null'], env, {
      after: 'READY',
      keys,
    });
    const completed = [...out.matchAll(/\{\{(keyward.*?)\}\}/g)].map(([, line = '']) => line);
    return lines.map((line, index) => {
      const fixed = Math.max(...[' ', '=', '<', '>'].map((mark) => line.lastIndexOf(mark))) + 1;
      const result = completed[index] ?? 'nothing was printed';
      return result === line ? [] : result.slice(fixed).trim().split(' ');
    });
  });

/** Prints each word that a completion function adds; the shell runs on a separate terminal of zsh. */
const zsh: Offers = (script, lines) =>
  inDirectory(script, async (path, env) => {
    const set = String.raw`unsetopt prompt_sp
autoload -Uz compinit; compinit -D; source '${path}'
compadd () {
  if [[ " $* " == *' '-[OAD]' '* ]]; then builtin compadd "$@"; return; fi
  local -a offered; builtin compadd -A offered "$@"
  local word; for word in $offered; do print -r -- "<$word>"; done
}
finish-line () { print -r -- '<END>'; zle kill-buffer }
zle -N finish-line
bindkey '\ea' complete-word '\ez' finish-line
print -r -- '<READ''Y>'
`;
    writeFileSync(`${path}.rc`, set);
    const driver = String.raw`zmodload zsh/zpty
zpty z 'PS1= zsh -f -i'
zpty -w z "source '$1'"
until-text () { local chunk out=; while zpty -r z chunk; do out+=$chunk; [[ $out == *$1* ]] && break; done; print -r -- $out }
until-text '<READY>' > /dev/null
shift
for line; do zpty -w -n z "$line"$'\ea\ez'; until-text '<END>'; done
`;
    writeFileSync(`${path}.driver`, driver);
    const out = await outputOf('zsh', ['-f', `${path}.driver`, `${path}.rc`, ...lines], env);
    const parts = out.split('<END>').slice(0, lines.length);
    return parts.map((part) => [...new Set([...part.matchAll(/<([^<>]*)>/g)].map(([, word = '']) => word))]);
  });

/** Fish completes a given line; for an option with `=` it prints the whole word before a tab. */
const fish: Offers = (script, lines) =>
  inDirectory(script, async (path, env) => {
    const program = `source '${path}'; for line in $argv; complete -C $line; echo '<END>'; end`;
    const out = await outputOf('fish', ['--no-config', '-c', program, ...lines], env);
    return out
      .split('<END>')
      .slice(0, lines.length)
      .map((part) =>
        part
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [(line.split('\t')[0] ?? '').replace(/^--[a-z-]+=/, '')])),
      );
  });

export const OFFERS: Readonly<Record<Shell, Offers>> = { bash, zsh, fish };
