import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest runs tests in a realm of their own, in which what Node.js itself throws is no `Error`; the SDK then wraps it and loses its
 * code. Here `Error` is Node's own, as it is where Keyward runs.
 */
export default class OuterRealmEnvironment extends TestEnvironment {
  constructor(...given: ConstructorParameters<typeof TestEnvironment>) {
    super(...given);
    this.global.Error = Error;
  }
}
