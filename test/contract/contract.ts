/** An implementation of a port, opened for one statement, with the helpers of that statement. */
export interface UnderTest<P> {
  readonly port: P;
  readonly close?: () => Promise<void> | void;
}

/** One rule that every implementation keeps: a test that fails by throwing. */
export type Statement<U> = (under: U) => Promise<void>;

/** Statements by their text. */
export type Statements<U> = Readonly<Record<string, Statement<U>>>;

/**
 * Rules of every implementation of a port: statements for each of its members, required by tsc, so that none is left out. They
 * are data instead of calls of Jest, so that a suite can also be run against mistakes that it has to notice.
 */
export type Contract<P, U extends UnderTest<P> = UnderTest<P>> = Readonly<Record<keyof P & string, Statements<U>>>;

/**
 * Makes tests of a contract's statements for one implementation.
 *
 * @param implementation the implementation, by its name in the code; contracts.test.ts checks that none is missing
 * @param open a fresh one for each statement; it may share its store with others
 */
export function keeps<P extends object, U extends UnderTest<P>>(
  implementation: string,
  contract: Contract<P, U>,
  open: () => U | Promise<U>,
): void {
  describe(`${implementation} keeps the contract of`, () => {
    for (const [member, statements] of Object.entries<Statements<U>>(contract)) {
      describe(member, () => {
        for (const [name, statement] of Object.entries(statements)) {
          it(name, () => check(member, statement, open));
        }
      });
    }
  });
}

/**
 * Runs one statement.
 *
 * @throws if it does not hold, or never uses the member that it is about
 */
export async function check<P extends object, U extends UnderTest<P>>(
  member: string,
  statement: Statement<U>,
  open: () => U | Promise<U>,
): Promise<void> {
  const under = await open();
  const touched = new Set<string>();
  try {
    await statement({ ...under, port: noting(under.port, touched) });
  } finally {
    await under.close?.();
  }
  if (!touched.has(member)) throw new Error(`the statement is about ${member} and does not touch it`);
}

/** The port, with a record of the members that were used. */
const noting = <P extends object>(port: P, touched: Set<string>): P =>
  new Proxy(port, {
    get: (target, name) => {
      touched.add(String(name));
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
