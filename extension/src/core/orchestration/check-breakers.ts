import type { Breakers } from './breakers.ts';
import type { Steps } from './steps.ts';

/**
 * Pauses the run when a breaker has tripped; once a person has let it go on, that breaker counts anew. Who has let the
 * budget be spent again already, for the sake of a sub-run, is not asked once more.
 */
export function checkBreakers(steps: Steps, breakers: Breakers, timesAllowed: () => number = () => 0): void {
  for (let trip = breakers.tripped(); trip; trip = breakers.tripped()) {
    const { breaker, reason } = trip;
    steps.halt(
      { kind: 'breaker', name: breaker, effect: 'read', input: { message: reason.message } },
      reason,
      breaker === 'cost' && breakers.timesGoneOn(breaker) < timesAllowed(),
    );
    breakers.goOn(breaker);
  }
}
