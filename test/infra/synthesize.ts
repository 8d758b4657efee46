import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { OPERATIONS } from '../../lambdas/core/runtime/operations';
import { readDeployment } from '../../lib/deployment';
import { createStacks } from '../../lib/stacks/create-stacks';
import { CDK_JSON, CONFIGURED, type Synthesized, type Template } from './synthesized';

interface Manner {
  /** Adds something that the deployment does not have. */
  readonly extend?: (app: App) => void;
  /** Also CDK's own check of the templates, which takes several times as long as all the rest. Left out: no. */
  readonly checkTemplates?: boolean;
  /** For CDK, beside what cdk.json has. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** An artifact depends on assets, too; one of a stack has its name. */
const namesOfStacks = (artifacts: readonly object[]): readonly string[] =>
  artifacts.flatMap((artifact) => ('stackName' in artifact ? [String(artifact.stackName)] : []));

/** Synthesizes the standard deployment, changed by `overrides`, without bundling: the code is not what is asked about. */
export function synthesize(
  overrides: Record<string, unknown> = {},
  { extend = () => undefined, checkTemplates = false, context = {} }: Manner = {},
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'keyward-infra-'));
  try {
    const app = new App({
      outdir,
      context: { ...CDK_JSON.context, ...context, 'aws:cdk:bundling-stacks': [] },
      builtinCloudFormationValidation: checkTemplates,
    });
    createStacks(app, readDeployment({ ...CONFIGURED, ...overrides }), Object.values(OPERATIONS));
    extend(app);
    const assembly = app.synth();
    return {
      templates: new Map(assembly.stacks.map((stack) => [stack.stackName, stack.template as Template])),
      dependencies: new Map(assembly.stacks.map((stack) => [stack.stackName, namesOfStacks(stack.dependencies)])),
      report: JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Synthesized['report'],
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
