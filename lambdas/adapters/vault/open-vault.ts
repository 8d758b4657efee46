import type { Clock } from '../../core/ports/clock';
import type { FailureLog } from '../../core/ports/failure-log';
import { findKekPaths, type VaultAccess } from './kek-paths';
import { VaultCalls } from './vault-calls';
import type { VaultLogin } from './vault-login';
import { VaultSession } from './vault-session';
import type { VaultTransport } from './vault-transport';

export interface OpenVaultOptions {
  readonly transport: VaultTransport;
  readonly region: string;
  /** Of the Vault that the calls go to. */
  readonly login: (calls: VaultCalls) => VaultLogin;
  readonly kekPath: string;
  readonly clock: Clock;
  readonly failures: FailureLog;
}

/** Puts together what reaches one Vault. Makes no outside call. */
export function openVault(options: OpenVaultOptions): VaultAccess {
  const { transport, region, login, kekPath, clock, failures } = options;
  const calls = new VaultCalls({ transport, region, failures });
  const session = new VaultSession({ calls, login: login(calls), clock });
  return { region, calls, session, paths: findKekPaths({ calls, session }, kekPath) };
}
