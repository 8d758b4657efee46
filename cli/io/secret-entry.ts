import {
  MAX_MARK_LINE,
  documentKindOf,
  isEndLine,
  isWholeDocument,
  mayBeginBlock,
  objectEnd,
  pemProgress,
  type DocumentKind,
} from './document-end';
import type { Key } from './terminal-keys';
import { TypedText, type Edit } from './typed-text';

/**
 * The requested input, which determines its end: Enter ends a `line`; its last END line or the end of its object ends a
 * `document`; a `key-or-document` ends as the one or the other, depending on its beginning; so does a `text`, but one with
 * several lines continues to Ctrl-D. Ctrl-D ends all of them.
 */
export type Expected = 'line' | 'key-or-document' | 'document' | 'text';

/** `settling` ends when no more input comes for a while; `over` has ended, and drops further input. */
export type Phase = 'open' | 'settling' | 'over';

export type EntryResult =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Number of characters after the end; 0 if they were only line ends and blanks. */
      readonly dropped: number;
    }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'refused'; readonly why: string };

/** The text entered on a terminal. It depends on the keys alone, not on the pieces in which they arrive; the caller reports pauses. */
export class SecretEntry {
  private readonly typed = new TypedText();
  private failure: EntryResult | undefined;
  private current: Phase = 'open';
  private kind: DocumentKind | undefined;
  /** Offset of a document's end in the text. */
  private end: number | undefined;
  /** Whether the line of that end is complete. */
  private isEndWhole = false;
  private isInBlock = false;
  /** Line ends that may be part of the text. */
  private entered = 0;
  /** Whether a text has several lines. */
  private hasLines = false;
  private dropped = 0;
  private hasDroppedText = false;
  private isLineEndDropped = false;

  /** @param most maximum number of characters */
  constructor(
    private readonly expected: Expected,
    private readonly most: number,
  ) {}

  get phase(): Phase {
    return this.current;
  }

  /** The current text, for a question with echoed input. */
  get text(): string {
    return this.typed.text;
  }

  take(key: Key): void {
    if (key.kind === 'interrupt') this.fail({ kind: 'interrupted' });
    else if (this.current === 'over') this.drop(key);
    else if (key.kind === 'refused') this.fail({ kind: 'refused', why: key.what });
    else if (key.kind === 'end-of-input') this.takeEndOfInput();
    else if (key.kind === 'edit') this.takeEdit(key.edit);
    else if (key.kind === 'text') this.takeText(key.character);
    else this.takeLineEnd();
  }

  /** Returns the text, after it is over or input has paused. */
  finish(): EntryResult {
    if (this.failure !== undefined) return this.failure;
    const { text } = this;
    const end = this.end ?? text.length;
    const rest = text.slice(end);
    // A file's last line end belongs to it; after an invalid object in braces Enter only ends the entry.
    const isFile = this.kind === 'json' && this.end !== undefined && isWholeDocument(text.slice(0, end));
    const lineEnd = isFile && this.isLineEndDropped ? '\n' : '';
    const isSomethingDropped = this.hasDroppedText || rest.trim() !== '';
    return {
      kind: 'text',
      text: text.slice(0, end) + lineEnd,
      dropped: isSomethingDropped ? Array.from(rest).length + this.dropped - lineEnd.length : 0,
    };
  }

  private takeText(character: string): void {
    if (this.entered > 0) this.goOn();
    if (!this.insert(character)) return;
    if (character === '}') this.judge();
    else if (this.kind !== 'pem') return;
    else if (character === '-' && isEndLine(this.lastLine())) this.judgeBlocks();
    else if (this.end !== undefined) this.judgeTail();
  }

  private takeLineEnd(): void {
    if (this.entered > 0) {
      this.entered += 1;
      return;
    }
    this.kind = this.kindNow();
    if (this.kind === undefined && !this.hasLines) {
      const mayGoOn = this.expected === 'text' || this.text.trim() === '';
      this.entered = 1;
      this.current = mayGoOn ? 'settling' : 'over';
      return;
    }
    if (this.insert('\n') && this.kind === 'pem') this.judgeBlocks();
  }

  private takeEdit(edit: Edit): void {
    // A completed line is not edited any more.
    if (this.entered > 0) return;
    this.typed.edit(edit);
    this.judge();
  }

  private takeEndOfInput(): void {
    // After Ctrl-D within a block or an object, the value is the whole text.
    if (this.current === 'open') this.end = undefined;
    this.current = 'over';
  }

  /** Continues after an apparent end: a text with another line; anything else had only empty lines before. */
  private goOn(): void {
    this.typed.toEnd();
    this.current = 'open';
    this.hasLines = this.expected === 'text';
    if (this.hasLines) for (let left = this.entered; left > 0; left -= 1) this.insert('\n');
    this.entered = 0;
  }

  private judge(): void {
    this.kind = this.kindNow();
    this.end = undefined;
    this.current = 'open';
    if (this.kind === 'pem') this.judgeBlocks();
    else if (this.kind === 'json') this.judgeObject();
  }

  private kindNow(): DocumentKind | undefined {
    if (this.expected === 'line' || this.hasLines) return undefined;
    const { text } = this;
    const kind = documentKindOf(text);
    // Other text may precede the first PEM block.
    if (this.expected === 'document') return kind ?? 'pem';
    // Text may have braces around it.
    return this.expected === 'text' && kind === 'json' && this.isNoObject(text) ? undefined : kind;
  }

  private isNoObject(text: string): boolean {
    const end = objectEnd(text);
    return end !== undefined && !isWholeDocument(text.slice(0, end));
  }

  private judgeObject(): void {
    this.end = objectEnd(this.text);
    if (this.end !== undefined) this.current = 'over';
  }

  private judgeBlocks(): void {
    const { text } = this;
    const { end, isInBlock } = pemProgress(text);
    this.end = end;
    this.isInBlock = isInBlock;
    this.isEndWhole = end !== undefined && text[end - 1] === '\n';
    this.judgeNextBlock();
  }

  /** Updates the state after another character behind the end. */
  private judgeTail(): void {
    if (this.isEndWhole) this.judgeNextBlock();
    else this.judgeBlocks();
  }

  private judgeNextBlock(): void {
    const goesOn = this.end === undefined || this.isInBlock || (this.isEndWhole && mayBeginBlock(this.lastLine()));
    this.current = goesOn ? 'open' : 'settling';
  }

  /** Returns the line before the cursor, if it is short enough to begin or end a block. */
  private lastLine(): string {
    return this.typed.lineBefore(MAX_MARK_LINE) ?? '';
  }

  /** Whether there was room. */
  private insert(character: string): boolean {
    if (this.typed.length < this.most) {
      this.typed.insert(character);
      return true;
    }
    if (this.current === 'open') {
      this.fail({ kind: 'refused', why: `it is longer than ${this.most} characters` });
    } else {
      this.current = 'over';
      this.drop({ kind: 'text', character });
    }
    return false;
  }

  private drop(key: Key): void {
    if (key.kind !== 'text' && key.kind !== 'line-end') return;
    if (key.kind === 'line-end' && this.dropped === 0) this.isLineEndDropped = true;
    if (key.kind === 'text' && key.character.trim() !== '') this.hasDroppedText = true;
    this.dropped += 1;
  }

  private fail(result: EntryResult): void {
    this.failure ??= result;
    this.current = 'over';
  }
}
