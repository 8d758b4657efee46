import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openApiDocument } from '../../lambdas/core/runtime/operations';
import { license, version } from '../../package.json';

/** A file of the documentation, ready to be sent. */
export interface DocumentReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Only Keyward's own files, nothing inline, no frame. Swagger UI's style sheet has its icons in data: URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Keyward API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** The page cannot sign requests, so it does not offer to send any; no outside service validates. */
const START_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  tryItOutEnabled: false,
  supportedSubmitMethods: [],
  validatorUrl: null,
});
`;

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const ICON = 'favicon-32x32.png';
/** There is nothing for crawlers. */
const ROBOTS = 'User-agent: *\nDisallow: /\n';

/** Every served path, with its content type and the source of its content. */
const DOCUMENTS = new Map<string, readonly [contentType: string, read: () => Buffer]>([
  [
    '/openapi.json',
    ['application/json', () => Buffer.from(JSON.stringify(openApiDocument(version, license), null, 2))],
  ],
  ['/docs', ['text/html; charset=utf-8', () => Buffer.from(PAGE)]],
  ['/docs/start.js', [JAVASCRIPT, () => Buffer.from(START_SCRIPT)]],
  ['/docs/swagger-ui-bundle.js', [JAVASCRIPT, () => swaggerFile('swagger-ui-bundle.js')]],
  ['/docs/swagger-ui.css', ['text/css; charset=utf-8', () => swaggerFile('swagger-ui.css')]],
  [`/docs/${ICON}`, ['image/png', () => swaggerFile(ICON)]],
  ['/favicon.ico', ['image/png', () => swaggerFile(ICON)]],
  ['/robots.txt', ['text/plain; charset=utf-8', () => Buffer.from(ROBOTS)]],
]);

/** Paths that a visitor with only the address tries. */
const LEADS_TO_THE_PAGE: ReadonlySet<string> = new Set(['/', '/docs/']);

const replies = new Map<string, DocumentReply>();

/**
 * Returns the API's description or the page that shows it, for GET and HEAD. Each file is read once. Needs no authentication,
 * because the content is the same in all installations.
 *
 * @param path the raw path, without query
 * @returns undefined if the path is no document
 */
export function documentFor(path: string): DocumentReply | undefined {
  const known = replies.get(path);
  if (known !== undefined) return known;
  const reply = LEADS_TO_THE_PAGE.has(path) ? REDIRECTION : read(path);
  if (reply !== undefined) replies.set(path, reply);
  return reply;
}

const STANDING_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Not permanent: another program may use this address later. */
const REDIRECTION: DocumentReply = {
  status: 302,
  headers: { location: '/docs', ...STANDING_HEADERS },
  body: Buffer.alloc(0),
};

function read(path: string): DocumentReply | undefined {
  const document = DOCUMENTS.get(path);
  if (document === undefined) return undefined;
  const [contentType, content] = document;
  const headers = {
    'content-type': contentType,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    ...STANDING_HEADERS,
  };
  return { status: 200, headers, body: content() };
}

const swaggerFile = (name: string): Buffer =>
  readFileSync(join(dirname(require.resolve('swagger-ui-dist/package.json')), name));
