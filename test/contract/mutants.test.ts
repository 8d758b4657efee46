import { KeywardError } from '../../lambdas/core/errors/errors';
import { auditReaderContract, auditSinkContract } from './audit-log.contract';
import { check, type Contract, type Statements, type UnderTest } from './contract';
import { credentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import {
  openAudit,
  openKeysets,
  openMemoryCredentials,
  openMemoryProver,
  openMemoryQueue,
  openMemoryDekRotations,
  openMemoryScanner,
  openMemorySecrets,
} from './memory-under-test';
import { openIntentsContract } from './open-intents.contract';
import { regionProverContract } from './region-prover.contract';
import { dekRotationQueueContract } from './dek-rotation-queue.contract';
import { dekRotationStoreContract } from './dek-rotation-store.contract';
import { secretsProviderContract } from './secrets-provider.contract';

/** Checks the suites: plausible mistakes are put into every method of a port, one at a time, and its section notices each. */

type Method = (...parameters: unknown[]) => Promise<unknown>;

/** A wrong method, made from the right one; `elsewhere` is the right one over a separate store. */
type Mistake = (right: Method, elsewhere: () => Promise<Method>) => Method;

const says =
  (from: string, to: string): Mistake =>
  (right) =>
  async (...parameters) => {
    const answer = await right(...parameters);
    return answer === from ? to : answer;
  };

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'answers nothing':
    (right) =>
    async (...parameters) => {
      await right(...parameters);
    },
  'does it elsewhere':
    (_right, elsewhere) =>
    async (...parameters) =>
      (await elsewhere())(...parameters),
  'swallows failures':
    (right) =>
    (...parameters) =>
      right(...parameters).catch(() => undefined),
  'fails under another name':
    (right) =>
    (...parameters) =>
      right(...parameters).catch(() => Promise.reject(new KeywardError('internal', 'an unexpected error occurred'))),
  'does not wait':
    (right) =>
    async (...parameters) => {
      void right(...parameters).catch(() => undefined);
    },
  'calls a refusal written': says('refused', 'written'),
  'calls a refusal unknown': says('refused', 'unknown'),
  'calls a write refused': says('written', 'refused'),
  'calls a write unknown': says('written', 'unknown'),
  'calls what is not known written': says('unknown', 'written'),
  'calls what is not known refused': says('unknown', 'refused'),
  'calls an outage refused':
    (right) =>
    (...parameters) =>
      right(...parameters).catch(() => 'refused'),
  'calls an outage unknown':
    (right) =>
    (...parameters) =>
      right(...parameters).catch(() => 'unknown'),
  'does it twice':
    (right) =>
    async (...parameters) => {
      await right(...parameters);
      return right(...parameters);
    },
  'takes what it was first asked': (right) => {
    let first: unknown[] | undefined;
    return (...parameters) => right(...(first ??= parameters));
  },
};

const WRITES = ['create', 'replace', 'put', 'putReport', 'putShard'];
const ABOUT_WRITES = Object.keys(MISTAKES).filter((name) => name.startsWith('calls '));

/** Changes that no promise of a port excludes. */
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  // A second call changes nothing, or nothing more.
  'does it twice': [
    'get',
    'list',
    'listDeleted',
    'all',
    'hasAny',
    'page',
    'countByVersion',
    'shardsWith',
    'report',
    'reports',
    'shard',
  ]
    .concat(['shards', 'intentsClosedTo', 'noteIntentsClosedTo', 'append', 'query', 'wasUsed', 'markUsed', 'find'])
    .concat(['create', 'replace', 'put', 'putReport', 'putShard', 'send', 'current', 'refresh']),
  // They return nothing.
  'answers nothing': ['append', 'markUsed', 'noteIntentsClosedTo', 'send'],
  // They take no arguments.
  'takes what it was first asked': ['all', 'current', 'refresh', 'intentsClosedTo'],
};

const isPlanted = (mistake: string, member: string): boolean =>
  !(HARMLESS[mistake] ?? []).includes(member) && (!ABOUT_WRITES.includes(mistake) || WRITES.includes(member));

/** The names of the statements that notice the mistake, up to the first. */
async function noticed<P extends object, U extends UnderTest<P>>(
  member: string,
  statements: Statements<U>,
  open: () => U,
  mistake: Mistake,
): Promise<string | undefined> {
  const methodOf = (port: P): Method => (Reflect.get(port, member) as Method).bind(port);
  const planted = (): U => {
    const under = open();
    const wrong = mistake(methodOf(under.port), async () => methodOf(open().port));
    const port = new Proxy(under.port, {
      get: (target, name) => (name === member ? wrong : (Reflect.get(target, name) as unknown)),
    });
    return { ...under, port };
  };
  for (const [name, statement] of Object.entries(statements)) {
    try {
      await check(member, statement, planted);
    } catch {
      return name;
    }
  }
  return undefined;
}

function notices<P extends object, U extends UnderTest<P>>(
  name: string,
  contract: Contract<P, U>,
  open: () => U,
): void {
  describe(name, () => {
    for (const [member, statements] of Object.entries<Statements<U>>(contract)) {
      if (typeof Reflect.get(open().port, member) !== 'function') continue;
      it(`${member}: each planted mistake`, async () => {
        const missed: string[] = [];
        for (const [mistake, make] of Object.entries(MISTAKES)) {
          if (!isPlanted(mistake, member)) continue;
          if ((await noticed(member, statements, open, make)) === undefined) missed.push(mistake);
        }
        expect(missed).toStrictEqual([]);
      });
    }
  });
}

notices('KeysetStore', keysetStoreContract, openKeysets);
notices('KeysetScanner', keysetScannerContract, openKeysets);
notices('CredentialStore', credentialStoreContract, openMemoryCredentials);
notices('CredentialScanner', credentialScannerContract, openMemoryScanner);
notices('DekRotationStore', dekRotationStoreContract, openMemoryDekRotations);
notices('AuditSink', auditSinkContract, openAudit);
notices('AuditReader', auditReaderContract, openAudit);
notices('OpenIntents', openIntentsContract, openAudit);
notices('DekRotationQueue', dekRotationQueueContract, openMemoryQueue);
notices('RegionProver', regionProverContract, openMemoryProver);
notices('SecretsProvider', secretsProviderContract, openMemorySecrets);
