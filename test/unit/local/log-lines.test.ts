import { LogLines } from '../../../local/log-lines';

describe('lines of the log', () => {
  const writtenBy = () => {
    const written: string[] = [];
    return { written, log: new LogLines((lines) => written.push(lines)) };
  };

  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('are written together, in their order, 50 ms after the first at the latest', () => {
    const { written, log } = writtenBy();
    log.add('a\n');
    jest.advanceTimersByTime(49);
    log.add('b\n');
    expect(written).toStrictEqual([]);
    jest.advanceTimersByTime(1);
    expect(written).toStrictEqual(['a\nb\n']);
    log.add('c\n');
    jest.advanceTimersByTime(50);
    expect(written).toStrictEqual(['a\nb\n', 'c\n']);
  });

  it('do not wait where they are many', () => {
    const { written, log } = writtenBy();
    const line = `${'x'.repeat(999)}\n`;
    for (let count = 0; count < 66; count += 1) log.add(line);
    expect(written).toStrictEqual([line.repeat(66)]);
    jest.advanceTimersByTime(1_000);
    expect(written).toHaveLength(1);
  });

  it('are written at once where the process is about to end, and nothing where there are none', () => {
    const { written, log } = writtenBy();
    log.flush();
    log.add('a\n');
    log.flush();
    log.flush();
    expect(written).toStrictEqual(['a\n']);
    jest.advanceTimersByTime(1_000);
    expect(written).toHaveLength(1);
  });
});
