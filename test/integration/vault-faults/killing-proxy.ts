import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../../doubles/close-server';
import { passToVault } from '../../doubles/vault/pass-to-vault';

/** Kills whoever sends the next but so many requests, before it is passed on, or before its answer is. */
interface Plan {
  left: number;
  readonly when: 'before' | 'after';
  readonly kill: () => void;
}

export interface KillingProxy {
  readonly address: string;
  /** Set by a test; undefined: every request is passed on. Undefined again after the kill. */
  plan: Plan | undefined;
  close(): Promise<void>;
}

/** Passes requests on to a server at another address of this machine, and ends their sender where a plan says so. */
export async function startKillingProxy(to: string): Promise<KillingProxy> {
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const { plan } = proxy;
      const isLast = plan !== undefined && (plan.left -= 1) <= 0;
      if (isLast) proxy.plan = undefined;
      if (isLast && plan.when === 'before') {
        plan.kill();
        return;
      }
      const { status, text } = await passToVault(to, request);
      if (isLast) {
        plan.kill();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
    pass().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: KillingProxy = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: undefined,
    close: () => closeServer(server),
  };
  return proxy;
}
