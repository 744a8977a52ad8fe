import { planfixAccount } from './account.ts';
import { planfixHostile } from './planfix.ts';
import { hostileSuite } from './suite.ts';

hostileSuite('Planfix', [{ account: planfixAccount('Planfix'), hostile: planfixHostile }], {
  generators: 400,
  methods: 25,
  places: 45,
  trials: 2_500,
});
