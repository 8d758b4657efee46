import { isAskedUnbidden } from '../../../local/gateway/asked-unbidden';

test.each([
  '/readyz',
  '/favicon.png',
  '/favicon.svg',
  '/favicon-16x16.png',
  '/apple-touch-icon.png',
  '/apple-touch-icon-precomposed.png',
  '/apple-touch-icon-120x120.png',
  '/apple-touch-icon-152x152-precomposed.png',
  '/docs/swagger-ui.css.map',
  '/docs/swagger-ui-bundle.js.map',
  '/manifest.json',
  '/sitemap.xml',
  '/.well-known/appspecific/com.chrome.devtools.json',
  '/.well-known/change-password',
  '/.well-known/security.txt',
  '/.well-known/traffic-advice',
])('programs ask for %s by themselves', (path) => {
  expect([isAskedUnbidden('GET', path), isAskedUnbidden('HEAD', path)]).toEqual([true, true]);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', ''])
    expect(isAskedUnbidden(method, path)).toBe(false);
});

test.each([
  '',
  '/.env',
  '/.git/config',
  '/.well-known',
  '/.well-known/',
  '/.well-known/acme-challenge/x',
  '/.well-known/security.txt/../../v1/providers',
  '/.well-known/x.php',
  '/actuator/health',
  '/apple-touch-icon.png/x',
  '/apple-touch-icon.php',
  '/docs/../v1/providers.map',
  '/docs/x.php.map',
  '/FAVICON.PNG',
  '/readyz/',
  '/readyz/x',
  '//readyz',
  '/readyz%00',
  '/readyz\n',
  '/sitemap.xml\n',
  '/v1/providers',
  '/v1/providers/openai/credentials/favicon.png',
  '/wp-login.php',
])('%j is somebody looking for something', (path) => {
  expect(isAskedUnbidden('GET', path)).toBe(false);
});
