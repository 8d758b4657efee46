import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ACCOUNT = '111111111111';
export const HOME = 'us-east-1';
export const REPLICAS = ['eu-west-1', 'ap-south-1'] as const;
export const REGIONS = [HOME, ...REPLICAS] as const;
export const PROVIDERS = ['openai', 'anthropic', 'google', 'global'] as const;

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Synthesized {
  /** By the name of the stack, in the order in which `cdk deploy --all` takes them. */
  readonly templates: ReadonlyMap<string, Template>;
  /** By the name of a stack those that are deployed before it, as the assembly's manifest says. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly report: { readonly pluginReports: readonly unknown[] };
}

export const CDK_JSON = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown> & { keyward: Record<string, unknown> };
};

/**
 * The standard deployment, which the handbook reckons with and an earlier release is compared with: what cdk.json configures, for the
 * regions and providers above, whichever somebody adds there.
 */
export const CONFIGURED = {
  ...CDK_JSON.context.keyward,
  home_region: HOME,
  replica_regions: REPLICAS,
  providers: PROVIDERS,
};

/** Names the file that write-standard.ts writes before the first test. */
export const STANDARD_FILE = 'KEYWARD_INFRA_STANDARD';

let standard: Synthesized | undefined;

/** The standard deployment, synthesized once for all tests: most of them need nothing else, and so do not load CDK. */
export function synthesized(): Synthesized {
  if (standard === undefined) {
    const { templates, dependencies, report } = JSON.parse(readFileSync(process.env[STANDARD_FILE] ?? '', 'utf8')) as {
      templates: [string, Template][];
      dependencies: [string, string[]][];
      report: Synthesized['report'];
    };
    standard = { templates: new Map(templates), dependencies: new Map(dependencies), report };
  }
  return standard;
}

/** @throws Error where there is no such stack */
export function templateOf(stack: string): Template {
  const template = synthesized().templates.get(stack);
  if (template === undefined) throw new Error(`no stack ${stack}`);
  return template;
}

export const resourcesOf = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

/** The functions of lambdas/. Those that CDK brings for custom resources have another entry or no variables. */
export const functionsOf = (template: Template): readonly (readonly [string, Resource])[] =>
  resourcesOf(template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties['Handler'] === 'index.handler' && Properties['Environment'] !== undefined,
  );
