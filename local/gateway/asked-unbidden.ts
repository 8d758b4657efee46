import { ASKED_BY_MONITORS } from '../../lambdas/core/contract/asked-by-monitors';

/** Browsers' requests for the icon of a page or a home screen. */
const ICON =
  /^\/(?:favicon(?:-[0-9]{2,3}x[0-9]{2,3})?|apple-touch-icon(?:-[0-9]{2,3}x[0-9]{2,3})?(?:-precomposed)?)\.(?:ico|png|svg)$/;
/** Requests of developer tools for source maps of our scripts and style sheets. */
const SOURCE_MAP = /^\/docs\/[a-z0-9-]+\.(?:css|js)\.map$/;
/** Requests of browsers, their extensions, crawlers and agents to any address (RFC 8615, and its registry). */
const WELL_KNOWN =
  /^\/\.well-known\/(?:appspecific\/com\.chrome\.devtools\.json|apple-app-site-association|assetlinks\.json|change-password|dnt-policy\.txt|gpc\.json|oauth-authorization-server|oauth-protected-resource|openid-configuration|passkey-endpoints|related-website-set\.json|security\.txt|traffic-advice|web-identity|webauthn)$/;
/** Files that programs request by name, and health checks: a monitor may not be able to sign. */
const BY_NAME: ReadonlySet<string> = new Set([
  ASKED_BY_MONITORS,
  '/ads.txt',
  '/browserconfig.xml',
  '/humans.txt',
  '/llms.txt',
  '/manifest.json',
  '/security.txt',
  '/service-worker.js',
  '/site.webmanifest',
  '/sitemap.xml',
  '/sw.js',
]);

/**
 * Whether programs request this without a user's intent: an unsigned GET or HEAD of it is no attempted access, and would hide
 * such attempts among many. Requests of scanners (`/.env`, `/wp-login.php`) are not included.
 */
export const isAskedUnbidden = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (BY_NAME.has(path) || ICON.test(path) || SOURCE_MAP.test(path) || WELL_KNOWN.test(path));
