import { dirname, relative } from 'node:path/posix';
import ts from 'typescript';
import type { Edit, Tree } from './edit';
import { fileOf, findPlace, type Place } from './find-place';

/**
 * What the files have after some edits, each of which sees those before it.
 *
 * @returns the files that are others then, and what is in them
 * @throws Error where an edit does not find its place
 */
export function applyEdits(tree: Tree, edits: readonly Edit[]): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  const now = {
    get files() {
      return [...new Set([...tree.files, ...changed.keys()])];
    },
    read: (file: string) => changed.get(file) ?? tree.read(file),
  };
  for (const edit of edits) {
    const [file, text] = 'place' in edit ? inCode(now, edit) : inFile(now, edit);
    if (text === now.read(file)) throw new Error(`an edit of ${file} changes nothing`);
    changed.set(file, text);
  }
  return changed;
}

type InCode = Extract<Edit, { place: string }>;
type InFile = Exclude<Edit, InCode>;

function inCode(tree: Tree, edit: InCode): readonly [string, string] {
  const place = findPlace(tree, edit.place);
  const { file, source, node } = place;
  const text = source.text;
  const [from, to, put] =
    'append' in edit
      ? appended(edit.place, place, edit.append)
      : 'begin' in edit
        ? begun(edit.place, place, edit.begin)
        : 'replace' in edit
          ? ([node.getStart(), node.getEnd(), edit.replace] as const)
          : reworded(edit.place, place, edit);
  return [file, using(tree, file, text.slice(0, from) + put + text.slice(to), edit.uses ?? [])];
}

type Change = readonly [from: number, to: number, put: string];

function appended(name: string, { source, node }: Place, put: string): Change {
  const list = listOf(node);
  if (list !== undefined) {
    const [elements, separator] = list;
    const last = elements.at(-1);
    const end = closing(node) - 1;
    if (last === undefined) return [end, end, put];
    const comma = separator === ',' && !elements.hasTrailingComma ? ',' : '';
    return elements.hasTrailingComma ? [end, end, `${put}${separator}`] : [last.getEnd(), end, `${comma}\n${put}\n`];
  }
  if (ts.isUnionTypeNode(node)) return [node.getEnd(), node.getEnd(), ` | ${put}`];
  if (ts.isBlock(node)) {
    // What ends a function stays its end.
    const last = node.statements.at(-1);
    const at = last !== undefined && ts.isReturnStatement(last) ? last.getStart() : node.getEnd() - 1;
    return [at, at, `${put}\n`];
  }
  throw new Error(`${name}: nothing can be put behind ${ts.SyntaxKind[node.kind]} in ${source.fileName}`);
}

/** Behind the closing bracket of a list: a call's is that of its last argument. */
const closing = (node: ts.Node): number => {
  const argument = listArgument(node);
  return argument === undefined ? node.getEnd() : closing(argument);
};

/** The object or list that a call takes last. */
const listArgument = (node: ts.Node): ts.Expression | undefined =>
  ts.isCallExpression(node) || ts.isNewExpression(node)
    ? [...(node.arguments ?? [])].reverse().find((each) => listOf(each) !== undefined)
    : undefined;

type Listed = readonly [elements: ts.NodeArray<ts.Node>, separator: string];

function listOf(node: ts.Node): Listed | undefined {
  if (ts.isObjectLiteralExpression(node)) return [node.properties, ','];
  if (ts.isArrayLiteralExpression(node)) return [node.elements, ','];
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node) || ts.isClassDeclaration(node)) {
    return [node.members, ''];
  }
  const argument = listArgument(node);
  return argument === undefined ? undefined : listOf(argument);
}

function begun(name: string, { node }: Place, put: string): Change {
  if (!ts.isBlock(node)) throw new Error(`${name}: no statements are there`);
  const at = node.getStart() + 1;
  return [at, at, `\n${put}`];
}

function reworded(name: string, { source, node }: Place, { words, by }: { words: string; by: string }): Change {
  const text = source.text.slice(node.getStart(), node.getEnd());
  return [node.getStart(), node.getEnd(), exchanged(name, text, words, by)];
}

function exchanged(name: string, text: string, words: string, by: string): string {
  const parts = text.split(words);
  if (parts.length !== 2) throw new Error(`${name}: the words are there ${parts.length - 1} times: ${words}`);
  return parts.join(by);
}

/** Imports what an edit uses from wherever the product declares it; `type Name` and `file#Name` are understood. */
function using(tree: Tree, file: string, text: string, uses: readonly string[]): string {
  const imports = uses.flatMap((use) => {
    const [, type = '', path, name = ''] = /^(type )?(?:(.*)#)?(\w+)$/.exec(use) ?? [];
    const from = path ?? fileOf(tree, name);
    if (new RegExp(`^import [^;]*\\b${name}\\b`, 'm').test(text) || from === file) return [];
    const way = relative(dirname(file), from).replace(/\.ts$/, '');
    return [`import ${type}{ ${name} } from '${way.startsWith('.') || path === way ? way : `./${way}`}';\n`];
  });
  return imports.join('') + text;
}

function inFile(tree: Tree, edit: InFile): readonly [string, string] {
  const { file } = edit;
  const text = tree.read(file);
  if ('text' in edit) {
    if (text !== undefined) throw new Error(`${file} is there already`);
    return [file, using(tree, file, edit.text, edit.uses ?? [])];
  }
  if (text === undefined) throw new Error(`there is no ${file}`);
  if ('json' in edit) return [file, inJson(text, edit.json, edit.value)];
  if ('words' in edit) return [file, exchanged(file, text, edit.words, edit.by)];
  const lines = text.split('\n');
  const at = lines.flatMap((line, index) => (line.startsWith(edit.behind) ? [index] : []));
  if (at.length !== 1) throw new Error(`${file}: ${at.length} lines begin with ${edit.behind}`);
  return [file, lines.toSpliced(at[0]! + 1, 0, edit.line).join('\n')];
}

function inJson(text: string, members: readonly string[], value: (old: unknown) => unknown): string {
  const whole = JSON.parse(text) as Record<string, unknown>;
  let at = whole;
  for (const member of members.slice(0, -1)) at = at[member] as Record<string, unknown>;
  const last = members.at(-1) ?? '';
  if (at[last] === undefined) throw new Error(`there is no ${members.join('.')}`);
  at[last] = value(at[last]);
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
