/** The effect of an editing key. A word ends at white space, a part also at any other character that is neither letter nor digit. */
export type Edit =
  | 'erase'
  | 'erase-word'
  | 'erase-part'
  | 'erase-line'
  | 'erase-rest'
  | 'delete'
  | 'delete-word'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'start'
  | 'end';

const isSpace = (character: string): boolean => /\s/.test(character);
const isInPart = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
const isInWord = (character: string): boolean => !isSpace(character);

/** A text that is being typed, with a cursor; its keys work as in readline. */
export class TypedText {
  private readonly before: string[] = [];
  /** The nearest to the cursor last. */
  private readonly after: string[] = [];

  get text(): string {
    return this.before.join('') + this.after.toReversed().join('');
  }

  /** In characters. */
  get length(): number {
    return this.before.length + this.after.length;
  }

  insert(character: string): void {
    this.before.push(character);
  }

  /** The text before the cursor: its last line, at most a number of characters. */
  lineBefore(most: number): string | undefined {
    const recent = this.before.slice(-most - 1);
    const line = recent.slice(recent.lastIndexOf('\n') + 1);
    return line.length > most ? undefined : line.join('');
  }

  toEnd(): void {
    this.move(this.before, this.after, this.after.length);
  }

  edit(edit: Edit): void {
    const { before, after } = this;
    switch (edit) {
      case 'erase':
        before.pop();
        return;
      case 'erase-word':
        before.length -= wordLength(before, isInWord);
        return;
      case 'erase-part':
        before.length -= wordLength(before, isInPart);
        return;
      case 'erase-line':
        before.length -= lineLength(before);
        return;
      case 'erase-rest':
        after.length -= lineLength(after);
        return;
      case 'delete':
        after.pop();
        return;
      case 'delete-word':
        after.length -= wordLength(after, isInPart);
        return;
      case 'left':
        this.move(after, before, 1);
        return;
      case 'right':
        this.move(before, after, 1);
        return;
      case 'word-left':
        this.move(after, before, wordLength(before, isInPart));
        return;
      case 'word-right':
        this.move(before, after, wordLength(after, isInPart));
        return;
      case 'start':
        this.move(after, before, lineLength(before));
        return;
      case 'end':
        this.move(before, after, lineLength(after));
    }
  }

  private move(to: string[], from: string[], count: number): void {
    for (let left = Math.min(count, from.length); left > 0; left -= 1) to.push(from.pop() as string);
  }
}

/** How many characters at the end of these are no line end. */
const lineLength = (characters: readonly string[]): number => characters.length - 1 - characters.lastIndexOf('\n');

/** How many characters at the end of these are a word and what stands between it and the end. */
function wordLength(characters: readonly string[], isIn: (character: string) => boolean): number {
  let start = characters.length;
  while (start > 0 && !isIn(characters[start - 1] as string)) start -= 1;
  while (start > 0 && isIn(characters[start - 1] as string)) start -= 1;
  return characters.length - start;
}
