import { documentFor } from '../../../local/gateway/documents';

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

  it.each([
    '/',
    '/docs/',
    '/docs/../package.json',
    '/docs/index.html',
    '/docs/swagger-ui.js',
    'constructor',
    '/docs/%2e',
  ])('has nothing at %j', (path) => {
    expect(documentFor(path)).toBeUndefined();
  });
});
