import type { Breakers } from './breakers.ts';
import type { Steps } from './steps.ts';

/** Pauses the run when a breaker has tripped; once a person has let it go on, that breaker counts anew. */
export function checkBreakers(steps: Steps, breakers: Breakers): void {
  for (let trip = breakers.tripped(); trip; trip = breakers.tripped()) {
    const { breaker, reason } = trip;
    steps.halt(
      { kind: 'breaker', name: breaker, effect: 'read', input: { message: reason.message } },
      reason,
    );
    breakers.goOn(breaker);
  }
}
