/**
 * Every property runs on a known seed, so that a run of the suite says something of the code and not of its luck.
 * SVYAZKA_TEST_SEED=random draws new cases, SVYAZKA_TEST_SEED=<number> replays them.
 */
import fc from 'fast-check';

const given = process.env['SVYAZKA_TEST_SEED'] ?? '20261124';
if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given) });
