import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ROUTES, type Route } from '../../lambdas/core/http/routes';
import { readDeployment } from '../../lib/configuration';
import { createStacks } from '../../lib/create-stacks';

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
  /** By the name of the stack. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly report: { readonly pluginReports: readonly unknown[] };
}

const CDK_JSON = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown> & { keyward: Record<string, unknown> };
};

/** The deployment that cdk.json configures. */
export const CONFIGURED = CDK_JSON.context.keyward;

interface Manner {
  /** Adds something that the deployment does not have. */
  readonly extend?: (app: App) => void;
  /** Also CDK's own check of the templates, which takes several times as long as all the rest. Left out: no. */
  readonly checkTemplates?: boolean;
}

/** Synthesizes what cdk.json configures, changed by `overrides`, without bundling: the code is not what is asked about. */
export function synthesize(
  overrides: Record<string, unknown> = {},
  { extend = () => undefined, checkTemplates = false }: Manner = {},
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'keyward-infra-'));
  try {
    const app = new App({
      outdir,
      context: { ...CDK_JSON.context, 'aws:cdk:bundling-stacks': [] },
      builtinCloudFormationValidation: checkTemplates,
    });
    createStacks(app, readDeployment({ ...CONFIGURED, ...overrides }), Object.values<Route>(ROUTES));
    extend(app);
    const assembly = app.synth();
    return {
      templates: new Map(assembly.stacks.map((stack) => [stack.stackName, stack.template as Template])),
      report: JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Synthesized['report'],
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

let standard: Synthesized | undefined;

/** What cdk.json configures, synthesized once in this process. */
export const synthesized = (): Synthesized => (standard ??= synthesize());

/** @throws Error where there is no such stack */
export function templateOf(stack: string): Template {
  const template = synthesized().templates.get(stack);
  if (template === undefined) throw new Error(`no stack ${stack}`);
  return template;
}

export const resourcesOf = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
