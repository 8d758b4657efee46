/** An implementation of a port, opened for one statement, with what the statement needs beside it. */
export interface UnderTest<P> {
  readonly port: P;
  readonly close?: () => Promise<void> | void;
}

/** One thing that every implementation keeps, as a test that fails by throwing. */
export type Statement<U> = (under: U) => Promise<void>;

/** By what they say. */
export type Statements<U> = Readonly<Record<string, Statement<U>>>;

/**
 * What every implementation of a port keeps: statements for each of its members, which tsc asks for, so that none escapes. Data and
 * not calls of Jest, so that a suite can also be run against mistakes that it is to notice.
 */
export type Contract<P, U extends UnderTest<P> = UnderTest<P>> = Readonly<Record<keyof P & string, Statements<U>>>;

/**
 * Makes tests of a contract's statements for one implementation.
 *
 * @param implementation what implements the port, by its name in the code; contracts.test.ts asks that none is missing
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
 * @throws where it does not hold, and where it never touches the member that it is about
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

/** The port, which notes what of it is used. */
const noting = <P extends object>(port: P, touched: Set<string>): P =>
  new Proxy(port, {
    get: (target, name) => {
      touched.add(String(name));
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
