import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest runs tests in a separate realm, in which errors of Node.js are no `Error`; the SDK then wraps them and loses their code.
 * This environment's `Error` is Node's own, as in production.
 */
export default class OuterRealmEnvironment extends TestEnvironment {
  constructor(...given: ConstructorParameters<typeof TestEnvironment>) {
    super(...given);
    this.global.Error = Error;
  }
}
