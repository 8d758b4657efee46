import type { Howto } from '../howto';

const MEANING = 'Tokens of an old version are still presented while its grace period runs.';

/** The alarm where the others of a region are, and its row in the handbook; what it costs is written by a program. */
export const ALARM: Howto = {
  name: 'an alarm with its runbook row',
  atMost: 3,
  edits: [
    {
      place: 'ApiAlarms.constructor',
      append: `this.raise('retiring-version-used', {
      meaning: '${MEANING}',
      metric: keywardMetric('retiring_version_used', stage),
      above: 1000,
    });`,
    },
    {
      file: 'docs/operations.md',
      behind: '| `keysets-lagging` |',
      line: '| `retiring-version-used` | callers present tokens of an old version | `…/versions/{n}/callers` names them: ask them to `/rewrap` |',
    },
    {
      place: 'test/infra/observability/alarm-rows.ts#apiRows',
      append: "own(deps, 'retiring-version-used', 'retiring_version_used', { threshold: 1000, unit: 'uses' })",
    },
    {
      place: 'test/infra/observability/alarms.test.ts#IN_EVERY_REGION',
      append: "'retiring-version-used': 'retiring_version_used'",
    },
    // What an upgrade adds is looked at by somebody.
    {
      place: 'test/infra/stacks/upgrade.test.ts#CHANGED_BY_HAND',
      words: "'changedbyhand74944FBC'",
      by: "'apialarmsretiringversionusedF924D55E', 'changedbyhand74944FBC'",
    },
  ],
  written: [{ by: 'test/infra/costs/write-costs.ts', file: 'docs/operations.md' }],
  tests: [
    'test/infra/observability/alarm-rows.test.ts',
    'test/infra/observability/alarms.test.ts',
    'test/infra/costs/costs.test.ts',
    'test/infra/stacks/upgrade.test.ts',
  ],
  shows: {
    file: 'test/infra/retiring-version-used.test.ts',
    text: `import { REGIONS, resourcesOf, templateOf } from './synthesized';

test.each(REGIONS)('the alarm watches the metric in %s, and says where to read on', (region) => {
  const alarms = resourcesOf(templateOf(\`keyward-api-\${region}\`), 'AWS::CloudWatch::Alarm');
  expect(alarms.map(([, { Properties }]) => Properties)).toContainEqual(
    expect.objectContaining({
      AlarmName: 'keyward-retiring-version-used',
      MetricName: 'retiring_version_used',
      Threshold: 1000,
      AlarmDescription: '${MEANING} What to do: docs/operations.md, "retiring-version-used".',
    }),
  );
});
`,
  },
};
