import { planfixAccount } from './account.ts';
import { planfixHostile } from './planfix.ts';
import { hostileSuite } from './suite.ts';

hostileSuite('Planfix', [{ account: planfixAccount('Planfix'), hostile: planfixHostile }], {
  generators: 1,
  methods: 1,
  places: 1,
  trials: 1,
});
