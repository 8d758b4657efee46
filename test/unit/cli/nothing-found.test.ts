import { nothingFound } from '../../../cli/commands/nothing-found';

const PERIOD = 'no event of the 7 days before now matches: --since or --from look further back';
const BY_USER = 'arn:aws:iam::000000000000:user/';

const said = (query: Readonly<Record<string, string>>, providers: unknown = []): Promise<string> =>
  nothingFound(
    {
      send: async () => {
        if (providers instanceof Error) throw providers;
        return { providers };
      },
    },
    { method: 'GET', path: '/v1/audit/events', query },
  );

test.each([
  [{}, PERIOD],
  [{ to: '2026-11-27T00:00:00Z' }, PERIOD.replace('now', '2026-11-27T00:00:00Z')],
  [{ from: '2026-11-20T00:00:00Z' }, 'no event from 2026-11-20T00:00:00Z to now matches'],
  [{ from: '2026-11-20', to: '2026-11-21' }, 'no event from 2026-11-20 to 2026-11-21 matches'],
])('says where it looked: %j', async (query, text) => {
  expect(await said(query)).toBe(text);
});

test.each([
  ['reveal', ' (did you mean reveal_credential?)'],
  ['revealCredential', ' (did you mean reveal_credential?)'],
  ['Decrypt', ' (did you mean decrypt?)'],
  ['nonesuch', ''],
])('says that --operation %s is none, for older events may have it', async (operation, meant) => {
  expect(await said({ operation })).toBe(`${PERIOD}; this release records nothing under that --operation${meant}`);
});

test.each([['reveal_credential'], ['destroy_version'], ['GET /v1/providers/{provider}']])(
  'does not doubt --operation %s',
  async (operation) => {
    expect(await said({ operation })).toBe(PERIOD);
  },
);

const LISTED = [{ provider: 'openai' }, { provider: 'google' }];

test.each<[string, unknown, string]>([
  ['opneai', LISTED, '; --provider: there is no such provider now; the providers are openai, google'],
  ['openai', LISTED, ''],
  ['opneai', [], ''],
  ['opneai', new Error('not allowed'), ''],
])('of --provider %s among %j', async (provider, listed, text) => {
  expect(await said({ provider }, listed)).toBe(`${PERIOD}${text}`);
});

test.each([
  [`${BY_USER}rekey`, '; --user: the part of Keyward of that name is keyward:rekey'],
  [
    'keyward:rekeyer',
    '; --user: the parts of Keyward are keyward:rotation, keyward:rekey, keyward:expiry, keyward:sweep, keyward:rotate-kek, keyward:rewrap-deks, keyward:bootstrap, keyward:local-start',
  ],
  ['keyward:sweep', ''],
  [`${BY_USER}alice`, ''],
  ['arn:aws:sts::000000000000:assumed-role/rekey/alice', ''],
])('of --user %s', async (user_id, text) => {
  expect(await said({ user_id })).toBe(`${PERIOD}${text}`);
});
