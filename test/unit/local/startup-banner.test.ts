import { startupBanner, type StartupBannerFacts } from '../../../local/startup-banner';

const screen = (facts: Partial<StartupBannerFacts> = {}): string =>
  startupBanner({
    url: 'http://127.0.0.1:8787',
    home: '/work here/.keyward',
    workingDirectory: '/work here',
    isNew: false,
    kekSource: 'local',
    kekPlace: 'kek.json',
    keysets: [{ provider: 'openai', status: 'ready' }],
    databaseIsLost: false,
    accessMade: 'nothing',
    ...facts,
  });

test('says nothing to attend to where all is well, or was made by a first start', () => {
  expect(screen()).toMatch(/running at http:\/\/127\.0\.0\.1:8787 with the keys of an earlier start\n/);
  const first = screen({ isNew: true, accessMade: 'both', keysets: [{ provider: 'openai', status: 'created' }] });
  expect(first).toMatch(/running at http:\/\/127\.0\.0\.1:8787\n/);
  expect(screen() + first).not.toContain('ATTENTION');
});

test.each<[string, Partial<StartupBannerFacts>, RegExp]>([
  ['a new database', { databaseIsLost: true }, /ATTENTION +the database is new, although kek\.json/],
  ['new secrets', { accessMade: 'secrets' }, /ATTENTION +credentials was missing: .* have new secrets/],
  ['new access keys', { accessMade: 'both' }, /ATTENTION +credentials and principals\.json were missing and are new/],
  ['a lost keyset', { keysets: [{ provider: 'openai', status: 'lost' }] }, /ATTENTION +openai: its keyset is gone/],
  [
    'a damaged keyset',
    { keysets: [{ provider: 'openai', status: 'damaged' }] },
    /ATTENTION +openai: its keyset was edited/,
  ],
  [
    'the KEK file of another installation',
    { keysets: [{ provider: 'openai', status: 'failed', code: 'keys_unavailable', reason: 'unknown_kek' }] },
    /ATTENTION +openai: its keyset names a KEK that kek\.json lacks/,
  ],
  [
    'a database that is older than what was stored',
    { keysets: [{ provider: 'openai', status: 'failed', code: 'store_unavailable', reason: 'keyset_outdated' }] },
    /ATTENTION +openai: the database is older than keysets\//,
  ],
  [
    'a keyset that is still to be made',
    { keysets: [{ provider: 'openai', status: 'failed', code: 'store_unavailable' }] },
    /ATTENTION +openai: its keyset could not be checked or made \(store_unavailable\); the server retries/,
  ],
  [
    'a log that cannot be published',
    { logFault: 'log/log.key is missing' },
    /ATTENTION +log\/log\.key is missing\.\n +Until then the audit log is not published, and none of it expires\./,
  ],
])('tells of %s once', (_, facts, sentence) => {
  expect(screen(facts)).toMatch(sentence);
  expect(screen(facts).match(/ATTENTION/g)).toHaveLength(1);
});

test('says where the KEK is', () => {
  expect(screen()).toContain('Without kek.json nothing in it can be decrypted');
  const inVault = screen({ kekSource: 'vault', kekPlace: 'secret/keyward/kek' });
  expect(inVault).toContain('KEK           in Vault at secret/keyward/kek');
  expect(inVault).not.toContain('kek.json');
});

test.each<[string, Partial<StartupBannerFacts>, RegExp]>([
  [
    'a new database',
    { databaseIsLost: true },
    /the database is new, although the KEK in Vault at secret\/keyward\/kek is/,
  ],
  [
    'another KEK',
    { keysets: [{ provider: 'openai', status: 'failed', code: 'keys_unavailable', reason: 'unknown_kek' }] },
    /openai: its keyset names a KEK that Vault lacks at secret\/keyward\/kek; what is there is of another/,
  ],
  [
    'a sealed Vault, once for all keysets',
    {
      kekAway: 'VaultSealed',
      keysets: ['openai', 'google'].map((provider) => ({
        provider,
        status: 'failed',
        code: 'keys_unavailable',
        reason: 'no_region_answered',
      })),
    },
    /Vault does not answer \(VaultSealed\): calls that need a KEK answer 503 until it does/,
  ],
])('with the KEK in Vault it speaks of that: %s', (_, facts, sentence) => {
  const text = screen({ kekSource: 'vault', kekPlace: 'secret/keyward/kek', ...facts });
  expect(text).toMatch(sentence);
  expect(text).not.toContain('kek.json');
  expect(text.match(/ATTENTION/g)).toHaveLength(1);
});
