import type { Edit } from './typed-text';

/** A key of a terminal. `refused` is a key that is not part of a value and has no effect. */
export type Key =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'line-end' | 'end-of-input' | 'interrupt' }
  | { readonly kind: 'refused'; readonly what: string };

/** The decoder's state in a control sequence (ECMA-48 section 5.4; `paste` is the state after ESC within a bracketed paste). */
type State = 'plain' | 'escape' | 'control' | 'single-shift' | 'console-key' | 'string' | 'string-escape' | 'paste';

/** After this time, in milliseconds, an Esc counts as a key of its own and not as part of an Alt key. */
const ALT_MS = 1_000;

const CONTROL = 'a control character was typed or pasted';
const BYTES = 'the input is not UTF-8';

const CONTROL_KEYS: Readonly<Record<string, Key>> = {
  '\u0001': edit('start'),
  '\u0002': edit('left'),
  '\u0005': edit('end'),
  '\u0006': edit('right'),
  '\b': edit('erase'),
  '\u007f': edit('erase'),
  '\u000b': edit('erase-rest'),
  '\u0015': edit('erase-line'),
  '\u0017': edit('erase-word'),
};
/** Ctrl-C and Ctrl-\, which the terminal handles itself in cooked mode. */
const INTERRUPTS = ['\u0003', '\u001c'];
const END_OF_INPUT = '\u0004';

const ALT_KEYS: Readonly<Record<string, Edit>> = {
  b: 'word-left',
  f: 'word-right',
  d: 'delete-word',
  '\u007f': 'erase-part',
  '\b': 'erase-part',
};

/** Keys by final character: xterm's and rxvt's, with and without modifiers. */
const FINAL_KEYS: Readonly<Record<string, Edit>> = { C: 'right', D: 'left', H: 'start', F: 'end' };
const WORD_KEYS: Readonly<Record<string, Edit>> = { C: 'word-right', D: 'word-left', c: 'word-right', d: 'word-left' };
/** Keys by the number before `~`: the VT220's, and those of Linux and rxvt. */
const NUMBERED_KEYS: Readonly<Record<string, Edit>> = {
  '1': 'start',
  '7': 'start',
  '3': 'delete',
  '4': 'end',
  '8': 'end',
};

/**
 * Decodes the bytes of a terminal in raw mode into keys, in pieces of any size. Control sequences, such as those of arrow keys, a
 * mouse or a terminal's replies, are never returned as text. Between the marks of a bracketed paste (xterm's "Bracketed Paste
 * Mode") everything but control characters is text.
 */
export class TerminalKeys {
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private state: State = 'plain';
  private sequence = '';
  private escapedAt = 0;
  private inPaste = false;
  private skipped = 0;
  private isAfterReturn = false;

  /** @param at arrival time of the bytes, in milliseconds; only differences matter */
  decode(bytes: Uint8Array, at: number): readonly Key[] {
    let text: string;
    try {
      text = this.utf8.decode(bytes, { stream: true });
    } catch {
      return [refused(BYTES)];
    }
    return Array.from(text).flatMap((character) => this.step(character, at) ?? []);
  }

  private step(character: string, at: number): Key | undefined {
    const wasReturn = this.isAfterReturn;
    this.isAfterReturn = false;
    if (this.skipped > 0) {
      this.skipped -= 1;
      return undefined;
    }
    switch (this.state) {
      case 'plain':
        return this.plain(character, wasReturn, at);
      case 'escape':
        return this.afterEscape(character, at);
      case 'paste':
        return character === '[' ? this.enter('control') : this.end(refused(CONTROL));
      case 'control':
        return this.inControl(character);
      case 'single-shift':
        return this.end(editOf(FINAL_KEYS[character] ?? WORD_KEYS[character]));
      case 'console-key':
        return this.end(undefined);
      default:
        return this.inString(character);
    }
  }

  private plain(character: string, wasReturn: boolean, at: number): Key | undefined {
    if (character === '\r') {
      this.isAfterReturn = true;
      return { kind: 'line-end' };
    }
    if (character === '\n') return wasReturn ? undefined : { kind: 'line-end' };
    if (character === '\u001b') {
      this.escapedAt = at;
      return this.enter(this.inPaste ? 'paste' : 'escape');
    }
    if (character === '\t' || !isControl(character)) return { kind: 'text', character };
    if (this.inPaste) return refused(CONTROL);
    if (INTERRUPTS.includes(character)) return { kind: 'interrupt' };
    if (character === END_OF_INPUT) return { kind: 'end-of-input' };
    return CONTROL_KEYS[character] ?? refused(CONTROL);
  }

  private afterEscape(character: string, at: number): Key | undefined {
    if (character === '[') return this.enter('control');
    if (character === 'O') return this.enter('single-shift');
    if (']P^_X'.includes(character)) return this.enter('string');
    // Alt and an arrow, on some terminals.
    if (character === '\u001b') return undefined;
    const alt = at - this.escapedAt > ALT_MS ? undefined : ALT_KEYS[character];
    if (alt !== undefined) return this.end(edit(alt));
    return this.end(INTERRUPTS.includes(character) ? { kind: 'interrupt' } : refused('Esc was pressed'));
  }

  private inControl(character: string): Key | undefined {
    if (character < ' ' || character > '~') {
      return this.end(INTERRUPTS.includes(character) ? { kind: 'interrupt' } : refused(CONTROL));
    }
    // Linux's console marks its function keys with a second bracket.
    if (character === '[' && this.sequence === '' && !this.inPaste) return this.enter('console-key');
    this.sequence += character;
    // Parameters and intermediates; rxvt ends a Shift key with `$`.
    if (character < '@' && !/^\d+\$$/.test(this.sequence)) return undefined;
    return this.end(this.controlKey());
  }

  private controlKey(): Key | undefined {
    const { sequence } = this;
    if (sequence === '201~') {
      this.inPaste = false;
      return undefined;
    }
    if (this.inPaste) return refused(CONTROL);
    if (sequence === '200~') this.inPaste = true;
    // An X10 mouse report: three more bytes, none of them text.
    if (sequence === 'M') this.skipped = 3;
    const [, number = '', modifier = number, final = ''] = /^(\d*)(?:;(\d+))?(\D)$/.exec(sequence) ?? [];
    if ('~$^'.includes(final)) return editOf(NUMBERED_KEYS[number]);
    const isByWords = /^[3-8]$/.test(modifier);
    return editOf((isByWords ? WORD_KEYS[final] : FINAL_KEYS[final]) ?? FINAL_KEYS[final] ?? WORD_KEYS[final]);
  }

  /** A terminal's unrequested reply: it ends with BEL or ESC \. */
  private inString(character: string): Key | undefined {
    if (character === '\u001b') return this.enter('string-escape');
    if (this.state === 'string-escape' || character === '\u0007') return this.end(undefined);
    if (!isControl(character)) return undefined;
    return this.end(INTERRUPTS.includes(character) ? { kind: 'interrupt' } : refused(CONTROL));
  }

  private enter(state: State): Key | undefined {
    this.state = state;
    this.sequence = '';
    return undefined;
  }

  private end(key: Key | undefined): Key | undefined {
    this.state = 'plain';
    return key;
  }
}

const isControl = (character: string): boolean => /\p{Cc}/u.test(character);

function edit(one: Edit): Key {
  return { kind: 'edit', edit: one };
}

const editOf = (one: Edit | undefined): Key | undefined => (one === undefined ? undefined : edit(one));

const refused = (what: string): Key => ({ kind: 'refused', what });
