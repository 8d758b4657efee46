import { documentFor } from '../../../local/gateway/api-docs';

const textOf = (path: string): string => String(documentFor(path)?.body);

describe('the documentation', () => {
  it('serves the OpenAPI document', () => {
    expect(documentFor('/openapi.json')?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(textOf('/openapi.json'))).toMatchObject({ openapi: '3.1.0', info: { title: 'Keyward' } });
  });

  it('has every file that its page names, and names none elsewhere', () => {
    const named = Array.from(textOf('/docs').matchAll(/(?:src|href)="([^"]*)"/g), ([, path]) => String(path));
    expect(named).toHaveLength(4);
    for (const path of [...named, '/openapi.json']) expect(documentFor(path)?.body.length).toBeGreaterThan(0);
    expect(textOf('/docs') + textOf('/docs/start.js')).not.toMatch(/https?:|<script>|<style|style=/);
    expect(textOf('/docs/start.js')).toContain("url: '/openapi.json'");
  });

  it('lets a page load nothing that is not ours', () => {
    const policy = documentFor('/docs')?.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(documentFor('/docs')?.headers['x-content-type-options']).toBe('nosniff');
  });

  it('reads a file once', () => {
    expect(documentFor('/docs/swagger-ui.css')).toBe(documentFor('/docs/swagger-ui.css'));
  });

  it.each(['/', '/docs/'])('leads from %s to its page, for this time', (path) => {
    const reply = documentFor(path);
    expect([reply?.status, reply?.headers['location'], reply?.body.length]).toEqual([302, '/docs', 0]);
    expect(documentFor(reply!.headers['location']!)?.status).toBe(200);
    expect(reply?.headers['cache-control']).toBe('no-cache');
  });

  it('has an icon where browsers look for one, and nothing for crawlers', () => {
    expect(documentFor('/favicon.ico')?.headers['content-type']).toBe('image/png');
    expect(documentFor('/favicon.ico')?.body).toEqual(documentFor('/docs/favicon-32x32.png')?.body);
    expect(textOf('/robots.txt')).toBe('User-agent: *\nDisallow: /\n');
  });

  it.each([
    '//',
    '/./',
    '/docs//',
    '/docs/../package.json',
    '/docs/index.html',
    '/docs/swagger-ui.js',
    'constructor',
    '/docs/%2e',
  ])('has nothing at %j', (path) => {
    expect(documentFor(path)).toBeUndefined();
  });
});
