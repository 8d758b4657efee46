import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeNextLogKeys, openLogKeyFiles } from '../../../../lambdas/adapters/local/log/log-key-files';
import { openLogDisk } from '../../../../lambdas/adapters/local/log/open-log-disk';
import { createSystemRandomness } from '../../../../lambdas/adapters/system/system-randomness';
import { parseLogKeys } from '../../../../lambdas/core/transparency/log-keys';
import type { LogSigners } from '../../../../lambdas/core/transparency/signing-pair';
import { temporaryDirectory } from '../temporary-directory';

const parent = temporaryDirectory();
let count = 0;

interface TestLog {
  readonly at: (name: string) => string;
  readonly open: (origin?: string) => LogSigners;
  readonly next: () => void;
}

function aLog(): TestLog {
  const directory = join(parent, `log-${(count += 1)}`);
  const options = (origin = 'log.example/keyward/local/us-east-1') => ({
    disk: openLogDisk(directory),
    directory,
    names: { log: origin, cosigner: `${origin}/cosigner` },
    randomness: createSystemRandomness(),
  });
  return {
    at: (name) => join(directory, name),
    open: (origin) => openLogKeyFiles(options(origin)),
    next: () => {
      makeNextLogKeys(options());
    },
  };
}

test('a new log gets two private key files and its public keys, and keeps them, names included', () => {
  const log = aLog();
  const made = log.open();
  for (const name of ['log.key', 'cosigner.key']) expect(statSync(log.at(name)).mode & 0o777).toBe(0o600);
  const { value } = parseLogKeys(readFileSync(log.at('keys')));
  expect(value?.log.id).toBe(made.log.key.id);
  expect(value?.cosigner.id).toBe(made.cosigner.key.id);
  expect(made.log.key.publicKey.equals(made.cosigner.key.publicKey)).toBe(false);
  const again = log.open('another.example/keyward/local/us-east-1');
  expect(again.log.key).toStrictEqual(made.log.key);
  expect(again.cosigner.key).toStrictEqual(made.cosigner.key);
});

test.each(['log.key', 'cosigner.key'])('%s is never made anew beside a log that has published', (name) => {
  const log = aLog();
  log.open();
  rmSync(log.at(name));
  expect(() => log.open()).toThrow(/is missing although the log in .* has published \(keys is there\).*restore it/);
  rmSync(log.at('keys'));
  writeFileSync(log.at('checkpoint'), 'anything');
  expect(() => log.open()).toThrow(/has published \(checkpoint is there\)/);
  rmSync(log.at('checkpoint'));
  writeFileSync(log.at('state'), 'anything');
  expect(() => log.open()).toThrow(/has published \(state is there\)/);
  expect(() => statSync(log.at(name))).toThrow('ENOENT');
});

test('a start that made one key file makes the rest', () => {
  const log = aLog();
  const made = log.open();
  for (const name of ['cosigner.key', 'keys']) rmSync(log.at(name));
  const again = log.open();
  expect(again.log.key).toStrictEqual(made.log.key);
  expect(again.cosigner.key.id).not.toBe(made.cosigner.key.id);
});

test('a key file that is open to others, damaged, or of another log is refused and left as it is', () => {
  const log = aLog();
  const other = aLog();
  log.open();
  other.open();
  chmodSync(log.at('log.key'), 0o640);
  expect(() => log.open()).toThrow(/log\.key is open to other users; set its mode to 0600$/);
  chmodSync(log.at('log.key'), 0o600);
  const good = readFileSync(log.at('log.key'), 'utf8');
  const [start, , name = '', id = '', seed = ''] = good.split('+');
  const damaged = [
    '',
    good.trimEnd(),
    `${good}\n`,
    good.replace(`+${id}+`, '+00000000+'),
    [start, 'KEY', 'a name', id, seed].join('+'),
    [start, 'KEY', name, id, `${seed.trimEnd().slice(0, -4)}AAA=\n`].join('+'),
    readFileSync(log.at('cosigner.key'), 'utf8'),
  ];
  for (const text of damaged) {
    writeFileSync(log.at('log.key'), text);
    expect(() => log.open()).toThrow(/log\.key is damaged: restore it from a backup$/);
    expect(readFileSync(log.at('log.key'), 'utf8')).toBe(text);
  }
  writeFileSync(log.at('log.key'), readFileSync(other.at('log.key'), 'utf8'));
  expect(() => log.open()).toThrow(/keys is not of the keys in log\.key and cosigner\.key beside it/);
});

test('the next keys are made beside those of the log, durably, and all before them are opened, too', () => {
  const log = aLog();
  const made = log.open();
  const publicKeys = readFileSync(log.at('keys'));
  log.next();
  log.next();
  const opened = log.open();
  expect(opened.earlier?.map((pair) => pair.log.key.id)[0]).toBe(made.log.key.id);
  expect(opened.earlier).toHaveLength(2);
  expect(new Set([...opened.earlier!, opened].map((pair) => pair.log.key.id)).size).toBe(3);
  expect(readFileSync(log.at('keys'))).toEqual(publicKeys);
  for (const name of ['log.2.key', 'cosigner.2.key', 'log.3.key', 'cosigner.3.key']) {
    expect(statSync(log.at(name)).mode & 0o777).toBe(0o600);
  }
  // The log's own key is written last: a cosigner's without it is of nobody yet.
  rmSync(log.at('log.3.key'));
  const before = readFileSync(log.at('cosigner.3.key'));
  expect(log.open().earlier).toHaveLength(1);
  log.next();
  expect(readFileSync(log.at('cosigner.3.key')).equals(before)).toBe(false);
  expect(log.open().earlier).toHaveLength(2);
  rmSync(log.at('cosigner.2.key'));
  expect(() => log.open()).toThrow(/cosigner\.2\.key is missing although the log in/);
});

test('a name that no key can have is refused before anything is made', () => {
  const log = aLog();
  expect(() => log.open('a name')).toThrow(RangeError);
  expect(() => statSync(log.at('log.key'))).toThrow('ENOENT');
});
