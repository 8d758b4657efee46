import { MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { describeUnfit } from '../../../lambdas/core/credentials/credential';
import { unfitnessOf } from '../../../lambdas/core/credentials/value-rule';
import { runs } from '../../effort';
import { SeededRandom } from '../../simulation/seeded-random';

const random = new SeededRandom(20_261_127);
const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const HEX = `${DIGITS}abcdef`;
const BASE62 = UPPER + LOWER + DIGITS;
const BASE64 = `${BASE62}+/`;
const BASE64URL = `${BASE62}-_`;

const drawn = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(random.between(0, alphabet.length - 1))).join('');
const uuid = (): string => [8, 4, 4, 4, 12].map((length) => drawn(HEX, length)).join('-');
const jwt = (): string => `eyJ${drawn(BASE64URL, 60)}.eyJ${drawn(BASE64URL, 120)}.${drawn(BASE64URL, 43)}`;

/** The formats of keys, by issuer; the characters are random, so that none is a real key. */
const SHAPES: Readonly<Record<string, () => string>> = {
  'OpenAI, of old': () => `sk-${drawn(BASE62, 48)}`,
  'OpenAI, project': () => `sk-proj-${drawn(BASE64URL, 156)}`,
  'OpenAI, service account': () => `sk-svcacct-${drawn(BASE64URL, 150)}`,
  'OpenAI, administrator': () => `sk-admin-${drawn(BASE64URL, 150)}`,
  Anthropic: () => `sk-ant-api03-${drawn(BASE64URL, 93)}AA`,
  'Anthropic, administrator': () => `sk-ant-admin01-${drawn(BASE64URL, 93)}AA`,
  Google: () => `AIza${drawn(BASE64URL, 35)}`,
  'Google, access': () => `ya29.${drawn(BASE64URL, 180)}`,
  'Google, refresh': () => `1//0${drawn(BASE64URL, 99)}`,
  'Google, client secret': () => `GOCSPX-${drawn(BASE64URL, 28)}`,
  'Azure OpenAI, of old': () => drawn(HEX, 32),
  'Azure OpenAI': () => `${drawn(BASE62, 52)}JQQJ99${drawn(BASE62, 26)}`,
  'Azure storage': () => `${drawn(BASE64, 86)}==`,
  'AWS, secret': () => drawn(BASE64, 40),
  'AWS, both': () => `AKIA${drawn(UPPER, 16)}:${drawn(BASE64, 40)}`,
  'Bedrock, long': () => `ABSK${drawn(BASE64, 127)}=`,
  'Bedrock, short': () => `bedrock-api-key-${drawn(BASE64, 300)}`,
  Mistral: () => drawn(BASE62, 32),
  Cohere: () => drawn(BASE62, 40),
  Groq: () => `gsk_${drawn(BASE62, 52)}`,
  xAI: () => `xai-${drawn(BASE62, 80)}`,
  Perplexity: () => `pplx-${drawn(BASE62, 48)}`,
  'Hugging Face': () => `hf_${drawn(BASE62, 34)}`,
  Replicate: () => `r8_${drawn(BASE62, 37)}`,
  'Together, of old': () => drawn(HEX, 64),
  Together: () => `tgp_v1_${drawn(BASE64URL, 43)}`,
  Fireworks: () => `fw_${drawn(BASE62, 24)}`,
  DeepSeek: () => `sk-${drawn(HEX, 32)}`,
  OpenRouter: () => `sk-or-v1-${drawn(HEX, 64)}`,
  ElevenLabs: () => `sk_${drawn(HEX, 48)}`,
  Pinecone: () => `pcsk_${drawn(BASE62, 6)}_${drawn(BASE62, 63)}`,
  'a UUID': uuid,
  Qdrant: () => `${uuid()}|${drawn(BASE64URL, 54)}`,
  'a JSON Web Token': jwt,
  Voyage: () => `pa-${drawn(BASE64URL, 43)}`,
  Jina: () => `jina_${drawn(HEX, 32)}${drawn(BASE64URL, 28)}`,
  NVIDIA: () => `nvapi-${drawn(BASE64URL, 64)}`,
  Cerebras: () => `csk-${drawn(LOWER + DIGITS, 48)}`,
  Databricks: () => `dapi${drawn(HEX, 32)}-2`,
  Cloudflare: () => drawn(BASE64URL, 40),
  GitHub: () => `ghp_${drawn(BASE62, 36)}`,
  'GitHub, fine-grained': () => `github_pat_${drawn(BASE62, 22)}_${drawn(BASE62, 59)}`,
  'GitHub, in an address': () => `x-access-token:ghs_${drawn(BASE62, 36)}`,
  GitLab: () => `glpat-${drawn(BASE64URL, 20)}`,
  Slack: () => `xoxb-${drawn(DIGITS, 12)}-${drawn(DIGITS, 13)}-${drawn(BASE62, 24)}`,
  Stripe: () => `sk_live_${drawn(BASE62, 99)}`,
  Twilio: () => `SK${drawn(HEX, 32)}:${drawn(BASE62, 32)}`,
  SendGrid: () => `SG.${drawn(BASE64URL, 22)}.${drawn(BASE64URL, 43)}`,
  Mailgun: () => `key-${drawn(HEX, 32)}`,
  Notion: () => `ntn_${drawn(BASE62, 46)}`,
  Linear: () => `lin_api_${drawn(BASE62, 40)}`,
  Atlassian: () => `ATATT3xFfGF0${drawn(BASE64URL, 172)}=${drawn('0123456789ABCDEF', 8)}`,
  Airtable: () => `pat${drawn(BASE62, 14)}.${drawn(HEX, 64)}`,
  Zhipu: () => `${drawn(HEX, 32)}.${drawn(BASE62, 16)}`,
  Baidu: () => `bce-v3/ALTAK-${drawn(BASE62, 21)}/${drawn(HEX, 40)}`,
  Tavily: () => `tvly-dev-${drawn(BASE62, 32)}`,
  LangSmith: () => `lsv2_pt_${drawn(HEX, 32)}_${drawn(HEX, 10)}`,
  Langfuse: () => `sk-lf-${uuid()}`,
  fal: () => `${uuid()}:${drawn(HEX, 32)}`,
  'Weights & Biases': () => drawn(HEX, 40),
  Telegram: () => `${drawn(DIGITS, 10)}:AA${drawn(BASE64URL, 33)}`,
  Asaas: () => `$aact_prod_${drawn(BASE62, 60)}::$aach_${uuid()}`,
  npm: () => `npm_${drawn(BASE62, 36)}`,
  PyPI: () => `pypi-AgEIcHlwaS5vcmc${drawn(BASE64URL, 150)}`,
  '1Password': () => `ops_eyJ${drawn(BASE64URL, 400)}`,
  Doppler: () => `dp.pt.${drawn(BASE62, 43)}`,
  Vault: () => `hvs.${drawn(BASE64URL, 90)}`,
  Sentry: () => `sntrys_eyJ${drawn(BASE62, 120)}=_${drawn(BASE64, 43)}`,
  'Sentry, address': () => `https://${drawn(HEX, 32)}@o0.ingest.example.com/1`,
  Mapbox: () => `pk.eyJ${drawn(BASE64URL, 60)}.${drawn(BASE64URL, 22)}`,
  'New Relic': () => `NRAK-${drawn(UPPER + DIGITS, 27)}`,
  'a signed address': () => `https://example.com/hook?sig=${drawn(BASE62, 43)}`,
  'Slack, webhook': () =>
    `https://hooks.example.com/services/T${drawn(UPPER, 8)}/B${drawn(UPPER, 8)}/${drawn(BASE62, 24)}`,
  'Discord, webhook': () => `https://example.com/api/webhooks/${drawn(DIGITS, 19)}/${drawn(BASE64URL, 68)}`,
  'name and password': () => `svc-search@example.com:${drawn(BASE62, 20)}`,
  'a password with punctuation': () =>
    `p${drawn(`${BASE62}!"#$%&'()+,-./:;<>?@[\\]^_\`{|}~`, 63)}${drawn('"\'`,;', 1)}`,
  'a database': () => `postgres://svc:${drawn(BASE62, 20)}@db.example.com:5432/name`,
};

test.each(Object.entries(SHAPES))('a key of the kind of %s is none', (_of, shape) => {
  for (let each = 0; each < runs(300); each += 1) {
    const key = shape();
    expect([key, unfitnessOf(key)]).toEqual([key, undefined]);
  }
});

const REST = drawn(BASE62, 24);
const KEY = `sk-example-${REST}`;
const TOKEN = `kw1.openai.1.${drawn(BASE64, 232)}`;
const [MASK, HEADER, ASSIGNMENT] = ['is a mask', 'begins like a header', 'is an assignment'];
const [QUOTE, END, ESCAPE] = [
  'has a quotation mark at one end',
  'ends with a comma or a semicolon',
  'ends with a written-out escape',
];
const [REFERENCE, STANDS_FOR, ADDRESS] = [
  'has an unresolved reference',
  'is a placeholder',
  'is the address of a service',
];

test.each<[string, string]>([
  [TOKEN, "is one of Keyward's tokens"],
  ['kw1.my-provider.12.AAAA', "is one of Keyward's tokens"],
  ['sk-xxxx', MASK],
  ['xxx', MASK],
  ['XXXXXXXX', MASK],
  [`sk-proj-${'x'.repeat(48)}`, MASK],
  [`sk-ant-api03-${'x'.repeat(95)}`, MASK],
  ['sk-xxxx9876', MASK],
  ['xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx', MASK],
  ['sk-####9876', MASK],
  ['sk-????', MASK],
  ['[REDACTED]', MASK],
  ['<hidden>', MASK],
  ['(sensitive value)', MASK],
  [`Basic ${REST}`, HEADER],
  [`Token ${REST}`, HEADER],
  [`ApiKey ${REST}`, HEADER],
  [`Api-Key%20${REST}`, HEADER],
  ['Basic', HEADER],
  [`Authorization:${KEY}`, HEADER],
  [`Authorization: Bearer ${KEY}`, HEADER],
  [`x-api-key:${KEY}`, HEADER],
  [`X-API-Key: ${KEY}`, HEADER],
  [`api_key:${KEY}`, HEADER],
  [`x-goog-api-key:${KEY}`, HEADER],
  [`Ocp-Apim-Subscription-Key:${KEY}`, HEADER],
  [`OPENAI_API_KEY: ${KEY}`, HEADER],
  [`export OPENAI_API_KEY=${KEY}`, ASSIGNMENT],
  [`--api-key=${KEY}`, ASSIGNMENT],
  [`-k=${KEY}`, ASSIGNMENT],
  [`x-api-key=${KEY}`, ASSIGNMENT],
  [`=${KEY}`, ASSIGNMENT],
  [`"${KEY}`, QUOTE],
  [`${KEY}"`, QUOTE],
  [`'${KEY}`, QUOTE],
  [`${KEY}\``, QUOTE],
  [`${KEY}",`, QUOTE],
  [`"${KEY}'`, QUOTE],
  [`${KEY}"}`, QUOTE],
  [`${KEY}");`, QUOTE],
  [`\\"${KEY}\\"`, QUOTE],
  [`${KEY},`, END],
  [`${KEY};`, END],
  [`${KEY};\n`, END],
  [`${KEY}\\n`, ESCAPE],
  [`${KEY}\\r\\n`, ESCAPE],
  [`${KEY}%0A`, ESCAPE],
  [`${KEY}%20`, ESCAPE],
  ['$OPENAI_API_KEY', REFERENCE],
  ['$openaiKey', REFERENCE],
  ['$env:OPENAI_API_KEY', REFERENCE],
  ['${OPENAI_API_KEY}', REFERENCE],
  ['sk-${REST}', REFERENCE],
  ['${OPENAI_API_KEY:-none}', REFERENCE],
  ['$(pbpaste)', REFERENCE],
  ['$(cat key.txt)', REFERENCE],
  ['%OPENAI_API_KEY%', REFERENCE],
  ['{{key}}', REFERENCE],
  ['${{ secrets.OPENAI_API_KEY }}', REFERENCE],
  ['sk-{{key}}-1', REFERENCE],
  ['{{ secrets.OPENAI_API_KEY }}', REFERENCE],
  ['process.env.OPENAI_API_KEY', REFERENCE],
  ['os.environ["OPENAI_API_KEY"]', REFERENCE],
  ['op://vault/openai/credential', REFERENCE],
  ['file:///run/secrets/openai', REFERENCE],
  ['arn:aws:secretsmanager:us-east-1:000000000000:secret:openai', REFERENCE],
  ['<your-api-key>', STANDS_FOR],
  ['<API_KEY>', STANDS_FOR],
  ['sk-<your key>', STANDS_FOR],
  ['YOUR_API_KEY', STANDS_FOR],
  ['your-api-key-here', STANDS_FOR],
  ['sk-your-key-here', STANDS_FOR],
  ['YOUR_OPENAI_API_KEY_HERE', STANDS_FOR],
  ['yourapikey', STANDS_FOR],
  ['[your-token]', STANDS_FOR],
  ['insert-your-api-key', STANDS_FOR],
  ['replace_with_your_secret', STANDS_FOR],
  ['API_KEY_HERE', STANDS_FOR],
  ['key-goes-here', STANDS_FOR],
  ['OPENAI_API_KEY', STANDS_FOR],
  ['changeme', STANDS_FOR],
  ['REPLACE_ME', STANDS_FOR],
  ['TODO', STANDS_FOR],
  ['undefined', STANDS_FOR],
  ['null', STANDS_FOR],
  ['None', STANDS_FOR],
  ['NaN', STANDS_FOR],
  ['false', STANDS_FOR],
  ['[object Object]', STANDS_FOR],
  ['https://api.example.com/v1', ADDRESS],
  ['http://localhost:11434', ADDRESS],
  ['HTTPS://name.openai.example.com/', ADDRESS],
  ['https://name.example.com/openai/deployments/a/chat/completions?api-version=2024-10-21', ADDRESS],
  ['https://example.com/keys#section', ADDRESS],
  ['https://a-resource-of-somebody-with-a-long-name.example.com/openai/v1/', ADDRESS],
  ['https://example.com/openai/deployments/gpt-4o-mini-2024-07-18/chat/completions', ADDRESS],
])('%s is a mistake, and said to be one without a word of it', (value, fault) => {
  const unfit = unfitnessOf(value);
  expect(unfit?.fault).toContain(fault);
  expect(describeUnfit(unfit!)).toMatch(/; if that is intended, set the member format to (?:key|text)$/);
  expect(describeUnfit(unfit!)).not.toContain(REST);
  // Whoever means it says so, and what stood before it or behind it in a file is no part of it.
  expect(unfitnessOf(value, unfit!.fits)).toBeUndefined();
  expect(unfitnessOf(`\n ${value}\t`)?.fault).toContain(fault);
});

test('what only resembles one is none', () => {
  const fit = [
    'yours-truly-key1',
    'my-keyhere',
    'keys',
    'tokens-are-fun',
    'basic-auth-of-mine',
    'AIzaXXX',
    '$(cat',
    'apikeys',
    'x',
    'xx',
    'axxxb',
    'nullable',
    'none1',
    '$2b$10$abcdefghijklmnopqrstuv',
    '$aact_Abc',
    '%41bc%',
    '{key}',
    'a<b',
    '<',
    '=',
    ',',
    ';',
    '"',
    'kw1',
    'kw1.openai',
    'kw2.openai.1.AAAA',
    'http',
    'https:',
    'ftp://example.com',
    'https://user@example.com/',
    'a,b',
    'a;b',
    'a"b',
    'a\\b',
    '%20',
    'key:secret',
    'api:secret',
    'OPENAI_API_KEY1',
  ];
  fit.push(`sk-example-${'x'.repeat(60)}`, 'x'.repeat(200));
  for (const value of fit) expect([value, unfitnessOf(value)]).toEqual([value, undefined]);
});

test('takes no longer than the value is long', () => {
  const pieces = [
    'x',
    'x-',
    'a-',
    'a_',
    '<a',
    '<',
    '${',
    '{{',
    '$',
    '%',
    '"',
    "'",
    ',',
    ';',
    '\\n',
    '#',
    '?',
    'your-',
    'your-a_',
    'key-',
    'api-key',
    'https://',
    '.',
    '=',
    '$(',
  ];
  const startedAt = process.cpuUsage().user;
  for (const piece of pieces) {
    const long = piece.repeat(MAX_PLAINTEXT_BYTES / piece.length - 8);
    for (const before of ['', 'https://', 'x-api-key', 'kw1.'])
      for (const end of ['', '!', '"']) unfitnessOf(before.slice(0, 6) + long.slice(0, -16) + end);
  }
  // Three hundred of them, each a millisecond or two; a quadratic algorithm takes seconds for one.
  expect((process.cpuUsage().user - startedAt) / 1000).toBeLessThan(10_000);
});
