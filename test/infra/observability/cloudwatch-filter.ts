/**
 * Whether a metric filter counts a line, as the CloudWatch Logs User Guide says ("Filter pattern syntax for metric filters"). Two of
 * its forms are known here: `{ $.member = "text" }` over lines that are JSON, and `%expression%` over any line.
 *
 * @throws Error for a pattern that the service would refuse, or that is of another form
 */
export function isCounted(pattern: string, line: string): boolean {
  const json = /^\{ \$\.(\w+) = "([^"]*)" \}$/.exec(pattern);
  if (json !== null) return memberOf(line, json[1]!) === json[2];
  const expression = /^%(.*)%$/.exec(pattern)?.[1];
  if (expression === undefined) throw new Error(`${pattern} is of a form that is not simulated`);
  if (!SUPPORTED.test(expression)) throw new Error(`${pattern} has a character that such patterns may not have`);
  return new RegExp(expression).test(line);
}

/** "Filter patterns with regex can only include" letters, digits, `: _ # = @ / ; , -` and the operators `^ $ ? [ ] { } | \ * + .`. */
const SUPPORTED = /^[A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+.]+$/;

function memberOf(line: string, member: string): unknown {
  try {
    return (JSON.parse(line) as Record<string, unknown>)[member];
  } catch {
    return undefined;
  }
}
