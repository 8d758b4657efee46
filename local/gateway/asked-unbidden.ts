/** What browsers ask for a page's or a home screen's icon. */
const ICON =
  /^\/(?:favicon(?:-[0-9]{2,3}x[0-9]{2,3})?|apple-touch-icon(?:-[0-9]{2,3}x[0-9]{2,3})?(?:-precomposed)?)\.(?:ico|png|svg)$/;
/** What their developer tools ask beside a script or a style sheet of ours. */
const SOURCE_MAP = /^\/docs\/[a-z0-9-]+\.(?:css|js)\.map$/;
/** What they, their extensions, crawlers and agents look for at any address (RFC 8615, and the registry that it makes). */
const WELL_KNOWN =
  /^\/\.well-known\/(?:appspecific\/com\.chrome\.devtools\.json|apple-app-site-association|assetlinks\.json|change-password|dnt-policy\.txt|gpc\.json|oauth-authorization-server|oauth-protected-resource|openid-configuration|passkey-endpoints|related-website-set\.json|security\.txt|traffic-advice|web-identity|webauthn)$/;
/** Files that are looked for by name, and the health checks: whoever watches a process may not be able to sign. */
const BY_NAME: ReadonlySet<string> = new Set([
  '/ads.txt',
  '/browserconfig.xml',
  '/humans.txt',
  '/llms.txt',
  '/manifest.json',
  '/readyz',
  '/security.txt',
  '/service-worker.js',
  '/site.webmanifest',
  '/sitemap.xml',
  '/sw.js',
]);

/**
 * Whether programs ask for this without anybody's intent: an unsigned GET or HEAD of it is no attempt to get at something, and would
 * hide those among many. What scanners look for (`/.env`, `/wp-login.php`) is none of these.
 */
export const isAskedUnbidden = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (BY_NAME.has(path) || ICON.test(path) || SOURCE_MAP.test(path) || WELL_KNOWN.test(path));
