/** Half of the rows as tests of the file that calls it: two files, so that two workers share the rows. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Exemption, exemptions } from './exemptions.ts';
import { halves, overHttp, playRow } from './rows.ts';
import { openSockets } from './sockets.ts';

export function playHalf(half: 0 | 1): void {
  const opened = openSockets();
  const used = new Set<Exemption>();

  afterAll(async () => {
    await (await opened).close();
  });

  describe(`Half ${String(half + 1)} of the rows`, () => {
    test.each(halves[half].map((row) => [row, overHttp(row) ? 'over HTTP' : 'in process'] as const))(
      'row %i, %s: the accounts agree when all is quiet',
      async (row) => {
        const found = await playRow(row, await opened);
        for (const one of found.used) used.add(one);
        expect(found.findings).toEqual([]);
      },
    );

    test('every exemption is needed', () => {
      expect(exemptions.filter((one) => !used.has(one)).map(({ name }) => name)).toEqual([]);
    });
  });
}
