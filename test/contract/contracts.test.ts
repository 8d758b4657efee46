import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../compile/root';

/** Every port has a contract, and every implementation of a port is run against it. Both are read from the source. */

const PORTS = /^lambdas\/core\/(?:[^/]+\/)?ports\//;

/** Implementations that need no contract, or that another one covers. */
const EXCUSED: Readonly<Record<string, string>> = {
  RecordingFailures: 'keeps every failure instead of one a minute, so that a test sees each',
  makeKeyFile: 'makes what openKeyFile opens',
  signerOf: 'makes what openKmsLogSigner and openRetiredKmsLogSigner open',
  Trace: 'keeps what is logged for whoever reads why a history failed, and nothing depends on it',
  openKekFile: 'opens an OpenedKekFile',
  openLocalJournal: 'opens an openAuditJournal in a directory of this machine',
  openJournalReading: 'opens a createJournalReader',
  SILENT: 'logs nothing: doctor prints each finding itself',
  watchDataDirectory: 'hands on what its DataWatch says',
};
/** They change implementations on purpose. */
const PLANTED = /^(.*-mutants|resigned-keyset)\.ts$/;

interface Source {
  readonly path: string;
  readonly file: ts.SourceFile;
}

const sourcesIn = (directory: string, isWanted: (path: string) => boolean = () => true): readonly Source[] =>
  readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && isWanted(basename(name)))
    .map((name) => {
      const path = join(directory, name);
      return {
        path,
        file: ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest, true),
      };
    });

function nodesIn(root: ts.Node): readonly ts.Node[] {
  const nodes: ts.Node[] = [root];
  // The loop extends the list.
  for (const node of nodes) ts.forEachChild(node, (child) => void nodes.push(child));
  return nodes;
}

/** The names that a type refers to: `Promise<A & B>` has three. */
const namesOf = (type: ts.Node | undefined): readonly string[] =>
  type === undefined
    ? []
    : nodesIn(type).flatMap((node) => {
        if (ts.isTypeReferenceNode(node)) return [node.typeName.getText()];
        return ts.isExpressionWithTypeArguments(node) ? [node.expression.getText()] : [];
      });

const extended = (node: ts.InterfaceDeclaration | ts.ClassDeclaration): readonly string[] =>
  (node.heritageClauses ?? []).flatMap((clause) => clause.types.flatMap(namesOf));

const isMethod = (member: ts.TypeElement): boolean =>
  ts.isMethodSignature(member) || (ts.isPropertySignature(member) && member.type?.kind === ts.SyntaxKind.FunctionType);

const interfacesIn = (sources: readonly Source[]): readonly ts.InterfaceDeclaration[] =>
  sources.flatMap(({ file }) => nodesIn(file).filter(ts.isInterfaceDeclaration));

const portInterfaces = interfacesIn(sourcesIn('lambdas/core').filter(({ path }) => PORTS.test(path)));
/** Interfaces that can be implemented; arguments and results of ports have no methods. */
const ports = new Set(portInterfaces.filter(({ members }) => members.some(isMethod)).map(({ name }) => name.getText()));

const implementing = [
  ...sourcesIn('lambdas'),
  ...sourcesIn('local'),
  ...sourcesIn('test/doubles'),
  ...sourcesIn('test/simulation', (name) => !PLANTED.test(name)),
];

/** By interface, its ports: itself, or those that it extends. */
const meanings = new Map([...ports].map((port) => [port, [port]]));
for (const node of interfacesIn(implementing.filter(({ path }) => !PORTS.test(path)))) {
  const extendedPorts = extended(node).filter((name) => ports.has(name));
  if (extendedPorts.length > 0) meanings.set(node.name.getText(), extendedPorts);
}
const portsIn = (names: readonly string[]): readonly string[] => names.flatMap((name) => meanings.get(name) ?? []);

const pair = (implementation: string, port: string): string => `${implementation}: ${port}`;

/** A statement's list of declarations is between it and the declared names. */
const isTopLevel = ({ parent }: ts.VariableDeclaration): boolean =>
  ts.isVariableStatement(parent.parent) && ts.isSourceFile(parent.parent.parent);

/** The ports that a node implements, by its name: a class, a function that returns a port, or a value of a port's type. */
function implementedBy(node: ts.Node): readonly string[] {
  const named = (name: ts.Node | undefined, types: readonly string[]): readonly string[] =>
    name === undefined ? [] : portsIn(types).map((port) => pair(name.getText(), port));
  if (ts.isClassDeclaration(node)) return named(node.name, extended(node));
  if (ts.isPropertyDeclaration(node) && node.initializer && ts.isObjectLiteralExpression(node.initializer)) {
    return named((node.parent as ts.ClassDeclaration).name, namesOf(node.type));
  }
  if (ts.isFunctionDeclaration(node) && ts.isSourceFile(node.parent)) return named(node.name, namesOf(node.type));
  if (!ts.isVariableDeclaration(node) || !isTopLevel(node) || node.initializer === undefined) return [];
  if (ts.isArrowFunction(node.initializer)) return named(node.name, namesOf(node.initializer.type));
  return ts.isObjectLiteralExpression(node.initializer) ? named(node.name, namesOf(node.type)) : [];
}

const implemented = new Set(
  implementing
    .filter(({ path }) => !path.startsWith('lambdas/core/'))
    .flatMap(({ file }) => nodesIn(file).flatMap(implementedBy)),
);

const suites = sourcesIn('test/contract');

/** By contract name, its port. */
const contracts = new Map(
  suites.flatMap(({ file }) =>
    nodesIn(file)
      .filter(ts.isVariableDeclaration)
      .flatMap((node) => {
        const { type } = node;
        const isContract = type && ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Contract';
        const [port] = isContract === true ? namesOf(type.typeArguments?.[0]) : [];
        return port === undefined ? [] : [[node.name.getText(), port] as const];
      }),
  ),
);

/** The implementations run against each contract: `keeps('Name, and where', aContract, …)`. */
const run = new Set(
  suites.flatMap(({ file }) =>
    nodesIn(file)
      .filter(ts.isCallExpression)
      .flatMap(({ expression, arguments: [name, contract] }) => {
        if (expression.getText() !== 'keeps' || name === undefined || contract === undefined) return [];
        const [implementation] = /\w+/.exec(name.getText()) ?? [];
        const port = contracts.get(contract.getText());
        return implementation === undefined || port === undefined ? [] : [pair(implementation, port)];
      }),
  ),
);

/** A port that another one extends is covered by it. */
const keptWith = (port: string): readonly string[] =>
  portInterfaces.filter((node) => extended(node).includes(port)).map(({ name }) => name.getText());

it('finds ports, implementations and suites at all', () => {
  expect(ports.size).toBeGreaterThanOrEqual(20);
  expect(implemented.size).toBeGreaterThanOrEqual(40);
  expect(run.size).toBeGreaterThanOrEqual(40);
});

it('every port has a contract', () => {
  const withContract = new Set(contracts.values());
  const without = [...ports].filter((port) => ![port, ...keptWith(port)].some((each) => withContract.has(each)));
  expect(without).toStrictEqual([]);
});

it('every implementation of a port is run against its contract, or excused', () => {
  const isExcused = (each: string): boolean => Object.hasOwn(EXCUSED, each.split(':')[0]!);
  expect([...implemented].filter((each) => !run.has(each) && !isExcused(each))).toStrictEqual([]);
  expect(
    Object.keys(EXCUSED).filter((name) => ![...implemented].some((each) => each.startsWith(`${name}:`))),
  ).toStrictEqual([]);
});

it('what is run against a contract is there', () => {
  expect([...run].filter((each) => !implemented.has(each))).toStrictEqual([]);
});

it('every store is there three times: in DynamoDB, in memory, and in the simulation', () => {
  const stores = [
    'KeysetStore',
    'KeysetScanner',
    'CredentialStore',
    'CredentialScanner',
    'DekRotationStore',
    'AuditSink',
  ];
  for (const port of [...stores, 'AuditReader', 'OpenIntents']) {
    const names = [...run].filter((each) => each.endsWith(`: ${port}`));
    expect(names.length).toBeGreaterThanOrEqual(3);
  }
});
