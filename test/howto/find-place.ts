import ts from 'typescript';
import { isProduct } from './is-product';
import type { Tree } from './edit';

/** The declaration of a name, and its file. */
export interface Place {
  readonly file: string;
  readonly source: ts.SourceFile;
  readonly node: ts.Node;
}

/**
 * Finds what a place names (see {@link Edit}).
 *
 * @throws Error where the name is declared nowhere, or in several files of the product, or a step leads nowhere
 */
export function findPlace(tree: Tree, place: string): Place {
  const [path = '', within] = place.includes('#') ? place.split('#') : ['', place];
  const [name = '', ...steps] = (within ?? '').split('.');
  const file = path === '' ? fileOf(tree, name) : path;
  const text = tree.read(file);
  if (text === undefined) throw new Error(`${place}: there is no ${file}`);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  let node = declarationsIn(source).get(name);
  if (node === undefined) throw new Error(`${place}: ${file} declares no ${name}`);
  for (const step of steps) {
    const next = memberOf(node, step);
    if (next === undefined) throw new Error(`${place}: there is no ${step} in ${file}`);
    node = next;
  }
  return { file, source, node: meant(node) };
}

/** The only file of the product that declares a name; exported ones first. @throws Error */
export function fileOf(tree: Tree, name: string): string {
  const declared = (words: string) => new RegExp(`^${words}(?:const|function|class|interface|type) ${name}\\b`, 'm');
  const files = tree.files.filter((each) => each.endsWith('.ts') && isProduct(each));
  for (const pattern of [declared('export (?:async )?'), declared('(?:async )?')]) {
    const found = files.filter((each) => pattern.test(tree.read(each) ?? ''));
    if (found.length > 1) throw new Error(`${name} is declared in ${found.join(' and ')}`);
    if (found[0] !== undefined) return found[0];
  }
  throw new Error(`${name} is declared nowhere in the product`);
}

function declarationsIn(source: ts.SourceFile): ReadonlyMap<string, ts.Node> {
  const found = new Map<string, ts.Node>();
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const each of statement.declarationList.declarations) found.set(each.name.getText(), each);
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
    ) {
      if (statement.name !== undefined) found.set(statement.name.text, statement);
    }
  }
  return found;
}

/** The value, type or body of a declaration or member. */
function meant(node: ts.Node): ts.Node {
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) return meant(node.initializer ?? node);
  if (ts.isPropertySignature(node) || ts.isTypeAliasDeclaration(node)) return meant(node.type ?? node);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return meant(node.expression);
  }
  if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node)) return meant(node.type);
  if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) return meant(node.body);
  return node;
}

const NAMED_BY = ['name', 'id', 'words', 'kind'];

const nameOf = (node: ts.Node): string | undefined => {
  const { name } = node as { name?: ts.Node };
  if (name === undefined) return ts.isConstructorDeclaration(node) ? 'constructor' : undefined;
  return ts.isStringLiteral(name) ? name.text : name.getText();
};

/** A member of a node's value: of objects, lists, the arguments of calls, statements. */
function memberOf(node: ts.Node, step: string): ts.Node | undefined {
  const here = meant(node);
  if (ts.isObjectLiteralExpression(here)) return here.properties.find((each) => nameOf(each) === step);
  if (ts.isInterfaceDeclaration(here) || ts.isTypeLiteralNode(here) || ts.isClassDeclaration(here)) {
    return [...here.members].find((each) => nameOf(each) === step);
  }
  if (ts.isArrayLiteralExpression(here)) {
    return here.elements.find((each) =>
      NAMED_BY.some((by) => {
        const said = memberOf(each, by);
        return said !== undefined && textsOf(meant(said)) === step;
      }),
    );
  }
  if (ts.isUnionTypeNode(here)) return firstOf(here.types, step);
  if (ts.isCallExpression(here) || ts.isNewExpression(here)) {
    return firstOf(here.arguments ?? [], step) ?? memberOf(here.expression, step);
  }
  if (ts.isPropertyAccessExpression(here)) return memberOf(here.expression, step);
  if (ts.isSpreadElement(here) || ts.isSpreadAssignment(here)) return memberOf(here.expression, step);
  if (ts.isBlock(here)) return variableIn(here, step);
  return undefined;
}

function firstOf(nodes: readonly ts.Node[], step: string): ts.Node | undefined {
  for (const each of nodes) {
    const found = memberOf(each, step);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A text, or the texts of a list with spaces between them. */
const textsOf = (node: ts.Node): string | undefined => {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isArrayLiteralExpression(node)) return node.elements.map((each) => textsOf(each) ?? '').join(' ');
  return undefined;
};

function variableIn(block: ts.Block, name: string): ts.Node | undefined {
  for (const statement of block.statements) {
    if (ts.isVariableStatement(statement)) {
      const found = statement.declarationList.declarations.find((each) => each.name.getText() === name);
      if (found !== undefined) return found;
    }
    if (ts.isReturnStatement(statement) && statement.expression !== undefined) {
      const found = memberOf(statement.expression, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
