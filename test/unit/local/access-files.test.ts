import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccessFiles } from '../../../local/identity/access-files';
import { testRandomness } from '../../doubles/memory-ports';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const newHome = (): string => mkdtempSync(join(parent, 'home-'));
const open = (home: string) => openAccessFiles(home, 'us-east-1', testRandomness);
const text = (home: string, name: string): string => readFileSync(join(home, name), 'utf8');
const ID = 'AKIAEXAMPLEEXAMPLE22';
const PRINCIPALS = (...named: [id: string, user: string][]): string =>
  JSON.stringify({
    version: 1,
    principals: named.map(([access_key_id, user]) => ({
      access_key_id,
      user,
      policy: { Version: '2012-10-17', Statement: [] },
    })),
  });
const write = (home: string, name: string, content: string): void => {
  writeFileSync(join(home, name), content, { mode: 0o600 });
};

describe('a first start', () => {
  test('makes two pairs of keys in the form of AWS, who may use them, and files of curl options', async () => {
    const home = newHome();
    const { keys, principals, made } = await open(home);
    expect(made).toBe('both');
    expect([...keys.keys()]).toEqual(['default', 'openai-only']);
    expect([...principals.values()].map(({ principal }) => principal.user)).toEqual(['administrator', 'openai-only']);
    for (const [profile, file] of [
      ['default', 'curl-admin.conf'],
      ['openai-only', 'curl-openai-only.conf'],
    ] as const) {
      const { accessKeyId, secretAccessKey } = keys.get(profile)!;
      expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
      expect(Buffer.from(secretAccessKey, 'base64')).toHaveLength(30);
      expect(secretAccessKey).toHaveLength(40);
      expect(principals.get(accessKeyId)?.secretAccessKey).toBe(secretAccessKey);
      expect(text(home, file)).toBe(
        `user = "${accessKeyId}:${secretAccessKey}"\naws-sigv4 = "aws:amz:us-east-1:execute-api"\nsilent\nshow-error\n`,
      );
    }
    for (const file of ['credentials', 'principals.json', 'curl-admin.conf', 'curl-openai-only.conf']) {
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    }
    expect(keys.get('default')).not.toEqual(keys.get('openai-only'));
  });

  test('at the same time as another ends with the same keys', async () => {
    const home = newHome();
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(home)));
    expect(new Set(opened.map(({ keys }) => keys.get('default')?.secretAccessKey)).size).toBe(1);
    expect(await open(home)).toMatchObject({ made: 'nothing', keys: opened[0]!.keys });
  });
});

test('a second start changes nothing but the files of curl options that are missing or say something else', async () => {
  const home = newHome();
  const { keys, texts } = await open(home);
  rmSync(join(home, 'curl-admin.conf'));
  write(home, 'curl-openai-only.conf', 'user = "old:old"\n');
  const again = await open(home);
  expect(again).toMatchObject({ made: 'nothing', keys, texts });
  expect(text(home, 'curl-admin.conf')).toContain(keys.get('default')!.secretAccessKey);
  expect(text(home, 'curl-openai-only.conf')).toContain(keys.get('openai-only')!.secretAccessKey);
});

describe('lost credentials', () => {
  test('become new secrets for the access keys that principals.json names; who may do what stays', async () => {
    const home = newHome();
    const { keys, principals } = await open(home);
    rmSync(join(home, 'credentials'));
    const renewed = await open(home);
    expect(renewed.made).toBe('secrets');
    for (const [profile, { accessKeyId, secretAccessKey }] of keys) {
      const now = renewed.keys.get(profile)!;
      expect(now.accessKeyId).toBe(accessKeyId);
      expect(now.secretAccessKey).not.toBe(secretAccessKey);
      expect(renewed.principals.get(accessKeyId)?.principal).toEqual(principals.get(accessKeyId)?.principal);
      expect(renewed.principals.get(accessKeyId)?.secretAccessKey).toBe(now.secretAccessKey);
    }
    expect(text(home, 'curl-admin.conf')).toContain(renewed.keys.get('default')!.secretAccessKey);
    expect(await open(home)).toMatchObject({ made: 'nothing', keys: renewed.keys });
  });

  test('get a profile for each principal, however they are called', async () => {
    const home = newHome();
    const named: [string, string][] = [
      [ID, 'searcher'],
      ['AKIAEXAMPLEEXAMPLE33', 'administrator'],
      ['AKIAEXAMPLEEXAMPLE44', 'searcher'],
      ['AKIAEXAMPLEEXAMPLE55', 'default'],
    ];
    write(home, 'principals.json', PRINCIPALS(...named));
    const { keys, principals } = await open(home);
    expect([...keys].map(([profile, { accessKeyId }]) => [profile, accessKeyId])).toEqual([
      ['searcher', ID],
      ['default', 'AKIAEXAMPLEEXAMPLE33'],
      ['searcher-2', 'AKIAEXAMPLEEXAMPLE44'],
      ['default-2', 'AKIAEXAMPLEEXAMPLE55'],
    ]);
    expect([...principals.keys()].sort()).toEqual(named.map(([id]) => id).sort());
    expect(text(home, 'principals.json')).toBe(PRINCIPALS(...named));
  });

  test.each(['{', PRINCIPALS(), PRINCIPALS([ID, 'a'], [ID, 'b'])])(
    'are not made for principals that do not count (%#)',
    async (principals) => {
      const home = newHome();
      write(home, 'principals.json', principals);
      for (let start = 0; start < 2; start += 1) await expect(open(home)).rejects.toThrow(/principals\.json is not/);
      expect(existsSync(join(home, 'credentials'))).toBe(false);
    },
  );
});

test('lost principals are not made anew, and the sentence says how to go on: without the access keys of before', async () => {
  const home = newHome();
  const { keys } = await open(home);
  rmSync(join(home, 'principals.json'));
  for (let start = 0; start < 2; start += 1) {
    await expect(open(home)).rejects.toThrow(
      /principals\.json is missing.*or remove the credentials file beside it too/,
    );
  }
  expect(existsSync(join(home, 'principals.json'))).toBe(false);
  rmSync(join(home, 'credentials'));
  const both = await open(home);
  expect(both.made).toBe('both');
  expect(both.principals.has(keys.get('default')!.accessKeyId)).toBe(false);
});

test('credentials that principals.json does not know: the sentence says how to go on, and it works', async () => {
  const home = newHome();
  write(home, 'principals.json', PRINCIPALS([ID, 'administrator']));
  write(home, 'credentials', `[default]\naws_access_key_id = AKIAEXAMPLEEXAMPLE99\naws_secret_access_key = other\n`);
  await expect(open(home)).rejects.toThrow(
    /principals\[0\]\.access_key_id is not in the credentials file: .*remove the credentials file, and the next start/,
  );
  rmSync(join(home, 'credentials'));
  expect((await open(home)).keys.get('default')?.accessKeyId).toBe(ID);
});

test('a key of a user’s own choice is escaped for curl', async () => {
  const home = newHome();
  write(home, 'credentials', `[default]\naws_access_key_id = ${ID}\naws_secret_access_key = a"b\\c\n`);
  write(home, 'principals.json', PRINCIPALS([ID, 'me']));
  await open(home);
  expect(text(home, 'curl-admin.conf')).toContain(`user = "${ID}:a\\"b\\\\c"\n`);
});

test.each(['credentials', 'principals.json', 'curl-admin.conf'])('%s that others can read is refused', async (name) => {
  const home = newHome();
  await open(home);
  chmodSync(join(home, name), 0o640);
  await expect(open(home)).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining(`${name} is open to other users`) as string,
  });
});
