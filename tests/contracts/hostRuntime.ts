export { hostedRuntime, type HostedAccount, type HostedRuntime } from '../../simulation/hostedRuntime.ts';
