import { planfixAccount } from './account.ts';
import { planfixHostile } from './planfix.ts';
import { hostileSuite } from './suite.ts';

hostileSuite('Planfix', [{ account: planfixAccount('Planfix'), hostile: planfixHostile }], {
  generators: 250,
  methods: 24,
  places: 35,
  trials: 1_000,
});
