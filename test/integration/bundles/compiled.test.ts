import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CheckoutCopy } from './checkout-copy';
import { LocalProcess, temporaryHome } from '../local/local-process';

const copy = new CheckoutCopy();
afterAll(() => {
  copy.remove();
});

const { version: VERSION, bin: BIN } = JSON.parse(copy.read('package.json')) as {
  version: string;
  bin: { keyward: string };
};
const shows = (text: string): unknown => ({ code: 0, out: expect.stringContaining(text), err: '' });
const fails = (detail: RegExp): unknown => ({ code: 1, out: '', err: expect.stringMatching(detail) });
const SMALL_PROGRAM = `import * as z from 'zod/mini';
import { OPTIONS } from '../cli/options';
import { version } from '../package.json';

process.stdout.write(z.string().parse(process.argv[2] === '--version' ? \`\${version}\\n\` : OPTIONS.help.help));
`;
const EARLIER = new Date('2020-01-01T00:00:00Z');

/** A word of the help for each try, all of equal length. */
let tries = 0;
let word = 'show help for the command, or for all';
function nextWord(): string {
  tries += 1;
  const before = word;
  word = `show help, try ${String(tries).padStart(8, '0')}`;
  copy.edit('cli/options.ts', before, word);
  return word;
}

const record = (): { inputs: [path: string, hash: string | null, size?: number][] } =>
  JSON.parse(copy.read('dist/keyward.inputs.json')) as ReturnType<typeof record>;

/** Files with too new times are read; later they are not. */
async function untilTimesAreReliedOn(): Promise<void> {
  await copy.keyward('--version');
  while (record().inputs.some(([, hash, size]) => hash !== null && size === -1)) {
    await delay(200);
    await copy.keyward('--version');
  }
}

describe('a bundle', () => {
  test('is built by the first call, and runs as it is after that', async () => {
    expect(await copy.keyward('--version')).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
    const built = copy.identity();
    expect(await copy.keyward('--help')).toEqual(shows(word));
    expect(copy.identity()).toBe(built);
    expect(copy.leftovers()).toEqual([]);
  });

  test('runs by itself as well', async () => {
    expect(await copy.node([copy.path('dist/keyward.cjs'), '--version'])).toEqual(shows(VERSION));
  });

  test('is found from a link to the command, as npm makes one', async () => {
    mkdirSync(copy.path('elsewhere'));
    symlinkSync(copy.path(BIN.keyward), copy.path('elsewhere/keyward'));
    expect(await copy.node([copy.path('elsewhere/keyward'), '--version'])).toEqual(shows(VERSION));
  });

  test('is not built again for files that only look new, and after a while they are not read again', async () => {
    await copy.keyward('--version');
    const built = copy.identity();
    for (const path of ['cli/options.ts', 'package.json', 'compile/input.cjs', 'dist/keyward.cjs']) {
      utimesSync(copy.path(path), EARLIER, EARLIER);
    }
    expect(await copy.keyward('--version')).toEqual(shows(VERSION));
    expect(copy.identity()).toBe(built);
    await untilTimesAreReliedOn();
    expect(copy.identity()).toBe(built);
  });
});

// From here on a small program replaces the command: when it is built does not depend on the build's duration.
describe('what has changed is built before it runs', () => {
  beforeAll(() => {
    writeFileSync(copy.path('bin/keyward.ts'), SMALL_PROGRAM);
  });

  test('a source', async () => {
    const changed = nextWord();
    expect(await copy.keyward('--help')).toEqual(shows(changed));
    expect(copy.read('dist/keyward.cjs')).toContain(changed);
  });

  test('a source of the same length with its times set back', async () => {
    nextWord();
    await untilTimesAreReliedOn();
    const { atime, mtime, size } = statSync(copy.path('cli/options.ts'));
    const changed = nextWord();
    utimesSync(copy.path('cli/options.ts'), atime, mtime);
    expect(statSync(copy.path('cli/options.ts')).size).toBe(size);
    expect(await copy.keyward('--help')).toEqual(shows(changed));
  });

  test('an older file in the place of a newer one, as after a switch of branches', async () => {
    const older = copy.read('cli/options.ts');
    const wordThen = word;
    nextWord();
    await untilTimesAreReliedOn();
    writeFileSync(copy.path('older'), older);
    utimesSync(copy.path('older'), EARLIER, EARLIER);
    renameSync(copy.path('older'), copy.path('cli/options.ts'));
    word = wordThen;
    expect(await copy.keyward('--help')).toEqual(shows(word));
  });

  test('a source that was changed again and again', async () => {
    for (let times = 0; times < 4; times += 1) {
      const changed = nextWord();
      expect(await copy.keyward('--help')).toEqual(shows(changed));
    }
  });

  test('a module under another name', async () => {
    renameSync(copy.path('cli/options.ts'), copy.path('cli/choices.ts'));
    expect(await copy.keyward('--version')).toEqual(
      fails(/^keyward: build_failed: bin\/keyward\.ts:2: Could not resolve "\.\.\/cli\/options"\n$/),
    );
    renameSync(copy.path('cli/choices.ts'), copy.path('cli/options.ts'));
    expect(await copy.keyward('--version')).toEqual(shows(VERSION));
  });

  test('the version in package.json', async () => {
    copy.edit('package.json', `"version": "${VERSION}"`, '"version": "98.7.6"');
    expect(await copy.keyward('--version')).toEqual(shows('98.7.6'));
    copy.edit('package.json', '"version": "98.7.6"', `"version": "${VERSION}"`);
    expect(await copy.keyward('--version')).toEqual(shows(VERSION));
  });

  test.each(['compile/bundles.cjs', 'package-lock.json', 'tsconfig.json'])('how it is compiled: %s', async (path) => {
    await copy.keyward('--version');
    const built = copy.identity();
    writeFileSync(copy.path(path), `${copy.read(path)}\n`);
    expect(await copy.keyward('--version')).toEqual(shows(VERSION));
    expect(copy.identity()).not.toBe(built);
  });

  test('a package, or what npm has noted of its last installation', async () => {
    copy.ownPackage('zod');
    await copy.keyward('--version');
    for (const path of ['node_modules/zod/package.json', 'node_modules/.package-lock.json']) {
      const built = copy.identity();
      const text = copy.read(path);
      rmSync(copy.path(path));
      writeFileSync(copy.path(path), `${text}\n`);
      expect(await copy.keyward('--version')).toEqual(shows(VERSION));
      expect(copy.identity()).not.toBe(built);
    }
  });

  test('a source that is edited while it is built', async () => {
    // Replaces esbuild: runs it, but a file is saved before its end.
    copy.ownPackage('esbuild');
    copy.edit('node_modules/esbuild/package.json', '"main": "lib/main.js"', '"main": "lib/hasty.js"');
    const changed = `show help, changed ${String(tries)}`.padEnd(word.length);
    writeFileSync(
      copy.path('node_modules/esbuild/lib/hasty.js'),
      `const { readFileSync, writeFileSync } = require('node:fs');
       const real = require('./main.js');
       const file = ${JSON.stringify(copy.path('cli/options.ts'))};
       const build = async (options) => {
         const result = await real.build(options);
         writeFileSync(file, readFileSync(file, 'utf8').replace(${JSON.stringify(nextWord())}, ${JSON.stringify(changed)}));
         return result;
       };
       module.exports = { ...real, build };`,
    );
    expect(await copy.keyward('--help')).toEqual(shows(word));
    word = changed;
    expect(await copy.keyward('--help')).toEqual(shows(changed));
    copy.edit('node_modules/esbuild/package.json', '"main": "lib/hasty.js"', '"main": "lib/main.js"');
  });
});

describe('what is wrong in dist/ is never run', () => {
  const bundle = copy.path('dist/keyward.cjs');
  const inputs = copy.path('dist/keyward.inputs.json');
  beforeEach(async () => {
    expect(await copy.keyward('--version')).toEqual(shows(VERSION));
  });

  test.each<[string, () => void]>([
    [
      'a bundle of garbage',
      () => {
        writeFileSync(bundle, 'console.log("garbage")');
      },
    ],
    [
      'a bundle with another letter, and its old times',
      () => {
        const { atime, mtime } = statSync(bundle);
        writeFileSync(bundle, readFileSync(bundle, 'utf8').replace('show help', 'hide help'));
        utimesSync(bundle, atime, mtime);
      },
    ],
    [
      'half a bundle',
      () => {
        truncateSync(bundle, 100_000);
      },
    ],
    [
      'an empty bundle',
      () => {
        truncateSync(bundle, 0);
      },
    ],
    [
      'no bundle',
      () => {
        rmSync(bundle);
      },
    ],
    [
      'a record of garbage',
      () => {
        writeFileSync(inputs, '{"form":1,"inputs"');
      },
    ],
    [
      'a record of nothing',
      () => {
        writeFileSync(inputs, 'null');
      },
    ],
    [
      'a record of no bundle',
      () => {
        writeFileSync(inputs, '{"form":1,"inputs":[]}');
      },
    ],
    [
      'a record of another form',
      () => {
        writeFileSync(inputs, readFileSync(inputs, 'utf8').replace('"form":1', '"form":0'));
      },
    ],
    [
      'an empty record',
      () => {
        truncateSync(inputs, 0);
      },
    ],
    [
      'no record',
      () => {
        rmSync(inputs);
      },
    ],
  ])('%s', async (_, damage) => {
    damage();
    expect(await copy.keyward('--help')).toEqual(shows(word));
    // Repaired, so that the next call starts at once.
    expect(copy.read('dist/keyward.inputs.json')).toMatch(/^\{"form":1,/);
    const built = copy.identity();
    expect(await copy.keyward('--help')).toEqual(shows(word));
    expect(copy.identity()).toBe(built);
  });

  test('the record of one build beside the bundle of another', async () => {
    const older = readFileSync(bundle);
    const changed = nextWord();
    await copy.keyward('--version');
    writeFileSync(bundle, older);
    expect(await copy.keyward('--help')).toEqual(shows(changed));
  });

  test('a directory in the place of a bundle', async () => {
    rmSync(bundle);
    mkdirSync(bundle);
    const changed = nextWord();
    expect(await copy.keyward('--help')).toEqual(shows(changed));
    rmSync(bundle, { recursive: true });
  });
});

describe('where nothing can be written', () => {
  test('the command runs from memory, and sees each change', async () => {
    rmSync(copy.path('dist'), { recursive: true });
    // No user can make a directory here, or anything in it.
    writeFileSync(copy.path('dist'), '');
    expect(await copy.keyward('--help')).toEqual(shows(word));
    const changed = nextWord();
    expect(await copy.keyward('--help')).toEqual(shows(changed));
  });

  test('npm start does, with the thread of its database', async () => {
    const { home, remove } = temporaryHome();
    const server = await LocalProcess.start(home, {}, copy.directory);
    const sealed = await server.call('POST', '/v1/providers/openai/encrypt', { plaintext: 'not a secret' });
    expect([sealed.status, await server.stop()]).toEqual([200, 0]);
    remove();
    expect(copy.read('dist')).toBe('');
    rmSync(copy.path('dist'));
  });
});

describe('several at once, and interrupted ones', () => {
  test('each of them runs what is there now', async () => {
    const changed = nextWord();
    const ended = await Promise.all(Array.from({ length: 4 }, () => copy.keyward('--help')));
    expect(ended).toEqual(ended.map(() => shows(changed)));
    const built = copy.identity();
    expect(await copy.keyward('--help')).toEqual(shows(changed));
    expect([copy.identity(), copy.leftovers()]).toEqual([built, []]);
  });

  test('a build that is killed leaves nothing that is run', async () => {
    for (const pause of [0, 100, 200, 300, 400, 500]) {
      const changed = nextWord();
      const child = spawn(process.execPath, [copy.path('bin/keyward.cjs'), '--help'], { stdio: 'ignore' });
      const exited = once(child, 'exit');
      await delay(pause);
      child.kill('SIGKILL');
      await exited;
      expect(await copy.keyward('--help')).toEqual(shows(changed));
    }
  });

  test('what a killed one has left goes with a later build', async () => {
    const left = copy.path('dist/keyward.cjs.1.abandoned.tmp');
    const current = copy.path('dist/keyward.cjs.2.current.tmp');
    for (const path of [left, current]) writeFileSync(path, 'half a bun');
    utimesSync(left, EARLIER, EARLIER);
    nextWord();
    await copy.keyward('--version');
    expect(copy.leftovers()).toEqual(['keyward.cjs.2.current.tmp']);
    rmSync(current);
  });
});

describe('what cannot be built is one sentence', () => {
  test.each([
    [['--version'], /^keyward: build_failed: cli\/options\.ts:1: [^\n]+\n$/],
    [['--json', '--version'], /^\{"code":"build_failed","detail":"cli\/options\.ts:1: [^\n]+"\}\n$/],
  ])('a source that is not TypeScript: %j', async (argv, sentence) => {
    const text = copy.read('cli/options.ts');
    writeFileSync(copy.path('cli/options.ts'), `)${text}`);
    expect(await copy.keyward(...argv)).toEqual(fails(sentence));
    writeFileSync(copy.path('cli/options.ts'), text);
    expect(await copy.keyward('--help')).toEqual(shows(word));
  });

  test('a package that is missing', async () => {
    rmSync(copy.path('node_modules/zod'), { recursive: true });
    writeFileSync(copy.path('node_modules/.package-lock.json.new'), '{}');
    renameSync(copy.path('node_modules/.package-lock.json.new'), copy.path('node_modules/.package-lock.json'));
    expect(await copy.keyward('--version')).toEqual(
      fails(/^keyward: build_failed: Could not resolve "zod\/mini": run npm ci\n$/),
    );
    for (const program of ['bin/local.cjs', 'bin/app.cjs']) {
      expect(await copy.node([copy.path(program)])).toEqual(
        fails(/^(keyward: )?Could not resolve "[^"]+": run npm ci\n$/),
      );
    }
    copy.ownPackage('zod');
  });

  test('esbuild that is missing, or is of another machine; what is built runs without it', async () => {
    expect(await copy.keyward('--help')).toEqual(shows(word));
    rmSync(copy.path('node_modules/@esbuild'), { recursive: true });
    expect(await copy.keyward('--help')).toEqual(shows(word));
    nextWord();
    expect(await copy.keyward('--help')).toEqual(
      fails(/^keyward: build_failed: esbuild, which compiles it, does not work here: run npm ci\n$/),
    );
    rmSync(copy.path('node_modules/esbuild'), { recursive: true });
    expect(await copy.keyward('--help')).toEqual(
      fails(/^keyward: build_failed: esbuild, which compiles it, is not installed: run npm ci\n$/),
    );
  });
});
