import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../../../compile/root';
import { textOf, withoutBlocks, type Document } from './documents';

/**
 * The anchors that the host of the repository gives to headings: text without marks in lower case, blanks become hyphens, all but letters, digits, `_`
 * and `-` is left out, and one that is there already gets a number (https://docs.github.com, "Basic writing and formatting syntax", "Section links").
 */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(text).matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${slug}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Targets of the links and pictures of a document, those in code left out. */
export function linksOf(text: string): readonly string[] {
  const prose = withoutBlocks(text).replace(/`[^`\n]*`/g, '');
  const inline = Array.from(prose.matchAll(/\]\(<?([^)\s>]+)>?(?: +"[^"]*")?\)/g), ([, target]) => target ?? '');
  const referenced = Array.from(prose.matchAll(/^\[[^\]]+\]: +<?(\S+?)>?(?: .*)?$/gm), ([, target]) => target ?? '');
  return [...inline, ...referenced];
}

/** Why a link of a document is broken; undefined: it works, or it leads out of the tree. */
export function faultOf({ path, text }: Document, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const absolute = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), decodeURIComponent(file));
  const inTree = relative(ROOT, absolute);
  if (inTree.startsWith('..')) return `${target} leads out of the tree`;
  if (file !== '' && !existsSync(absolute)) return `${target}: there is no ${inTree}`;
  if (anchor === undefined) return undefined;
  if (!inTree.endsWith('.md')) return `${target}: ${inTree} has no headings`;
  const anchors = anchorsOf(file === '' ? text : textOf(inTree));
  return anchors.has(anchor) ? undefined : `${target}: ${inTree} has no heading of that name`;
}
