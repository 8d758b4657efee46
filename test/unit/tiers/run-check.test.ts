import { countsIn, cpuSecondsIn, runBeside, runCheck } from '../../tiers/run-check';

describe('what a check says of itself', () => {
  test.each([
    ['nothing, and it passed', 'fine\n', 0, { passed: 1, failed: 0, skipped: 0 }],
    ['nothing, and it failed', 'fine\n', 1, { passed: 0, failed: 1, skipped: 0 }],
    ['nothing, and a signal ended it', '', null, { passed: 0, failed: 1, skipped: 0 }],
    ['its counts', 'x\n12 passed, 0 failed, 3 skipped\n', 0, { passed: 12, failed: 0, skipped: 3 }],
    ['that all of it was skipped', '0 passed, 0 failed, 1 skipped\n', 0, { passed: 0, failed: 0, skipped: 1 }],
    [
      'counts of parts, and then its own',
      '1 passed, 0 failed, 0 skipped\n7 passed, 2 failed, 0 skipped\n',
      1,
      { passed: 7, failed: 2, skipped: 0 },
    ],
    [
      'that none failed, but its code says otherwise',
      '12 passed, 0 failed, 0 skipped\n',
      1,
      { passed: 12, failed: 1, skipped: 0 },
    ],
  ])('%s', (_, output, code, counts) => {
    expect(countsIn(output, code)).toEqual(counts);
  });
});

test('times are read as bash prints them, wherever its decimal point is a comma, too', () => {
  expect(cpuSecondsIn('0m0.010s 0m0.020s\n1m2.500s 0m3.000s\n')).toBeCloseTo(65.53);
  expect(cpuSecondsIn('0m0,010s 0m0,020s\n1m2,500s 0m3,000s\n')).toBeCloseTo(65.53);
});

test('a check is measured with the processes that it starts, and what it skips is kept', async () => {
  const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);';
  const script = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
    console.log('SKIPPED: 1 test of a: b\\n4 passed, 0 failed, 1 skipped');`;
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const outcome = await runCheck({ name: 'a check', command: [process.execPath, '-e', script] });
  const failing = await runCheck({ name: 'a check', command: ['false'] });
  write.mockRestore();
  expect(outcome).toMatchObject({ passed: 4, failed: 0, skipped: 1, reasons: ['SKIPPED: 1 test of a: b'] });
  expect(outcome.cpuSeconds).toBeGreaterThan(0.29);
  expect(failing).toMatchObject({ passed: 0, failed: 1 });
});

test('what runs beside others is shown in one piece, at its end', async () => {
  const shown: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => shown.push(String(text)) > 0);
  const outcome = await runBeside({ name: 'beside', command: ['bash', '-c', 'echo one; echo two'] });
  write.mockRestore();
  expect(outcome).toMatchObject({ passed: 1, failed: 0 });
  expect(shown).toEqual(['\n== beside: bash -c echo one; echo two\none\ntwo\n']);
});
