/** ACL policies, as far as tests use them: https://developer.hashicorp.com/vault/docs/concepts/policies */

type Capabilities = readonly string[];

/** The paths of the policy `default` that are used here. */
const DEFAULT = new Map<string, Capabilities>([
  ['auth/token/lookup-self', ['read']],
  ['auth/token/renew-self', ['update']],
  ['sys/capabilities-self', ['update']],
  ['sys/leases/renew', ['update']],
]);

const RULE = /path\s+"([^"]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]\s*\}/g;

export class Policies {
  private readonly policies = new Map<string, ReadonlyMap<string, Capabilities>>([['default', DEFAULT]]);

  put(name: string, text: string): void {
    const rules = [...text.matchAll(RULE)].map(([, path = '', list = '']) => {
      return [path, list.split(',').map((each) => each.trim().replaceAll('"', ''))] as const;
    });
    this.policies.set(name, new Map(rules));
  }

  /** The capabilities at a path: `root`, or the union over the exact path and over prefixes that end in `*`. */
  of(names: Capabilities, path: string): Capabilities {
    if (names.includes('root')) return ['root'];
    const found = names.flatMap((name) =>
      [...(this.policies.get(name) ?? [])].filter(([rule]) => matches(rule, path)).flatMap(([, allowed]) => allowed),
    );
    return found.length === 0 ? ['deny'] : [...new Set(found)].sort();
  }

  /** Whether anything below a mount is allowed, for sys/internal/ui/mounts. */
  reaches(names: Capabilities, mount: string): boolean {
    return (
      names.includes('root') ||
      names.some((name) => [...(this.policies.get(name)?.keys() ?? [])].some((rule) => rule.startsWith(mount)))
    );
  }
}

const matches = (rule: string, path: string): boolean =>
  rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : rule === path;
