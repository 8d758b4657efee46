import { examine } from '../doctor/examine';
import { isFailure, type Finding } from '../doctor/finding';
import { CliError } from '../io/cli-error';
import type { OptionValues } from '../options';
import type { Session } from '../session';

/**
 * `doctor`: prints one line for each finding.
 *
 * @throws CliError `not_well` with the exit code of the first failure
 */
export async function examineSurroundings(
  session: Session,
  [provider]: readonly string[],
  options: OptionValues,
): Promise<void> {
  const failures: Extract<Finding, { status: 'fail' }>[] = [];
  await examine(session, { provider, options }, (finding) => {
    session.printLine(shownOf(finding), lineOf(finding));
    if (isFailure(finding)) failures.push(finding);
  });
  const [first] = failures;
  if (first === undefined) return;
  const names = failures.map(({ check }) => check).join(', ');
  const isSaid = failures.every((failure) => failure.remedy !== undefined);
  throw new CliError(first.exitCode, 'not_well', `failed: ${names}${isSaid ? '; each line says what to do' : ''}`);
}

const remedyOf = (finding: Finding): string | undefined => ('remedy' in finding ? finding.remedy : undefined);

const lineOf = (finding: Finding): string => {
  const remedy = remedyOf(finding);
  return `${finding.status.padEnd(4)}  ${finding.check.padEnd(11)}  ${finding.detail}${remedy === undefined ? '' : `; ${remedy}`}`;
};

/** The exit code belongs to the command, not to the line. */
function shownOf(finding: Finding): Readonly<Record<string, string>> {
  const { check, status, detail } = finding;
  const remedy = remedyOf(finding);
  return { check, status, detail, ...(remedy !== undefined && { remedy }) };
}
