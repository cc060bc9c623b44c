// Two budgets of requests that both must have room: that of all resources, and one of an endpoint's own.
import { confinedWith } from '../../core/index.js';
import type { RateLimit, RateLimitPlace } from '../../http/index.js';

/** A request waits for its own budget first: while it does, it takes no place from the others. */
export function togetherLimits(shared: RateLimit, own: RateLimit): RateLimit {
  const both: RateLimit = {
    async enter(url, options) {
      const first = await own.enter(url, options);
      const places: RateLimitPlace[] = [first];
      try {
        places.push(await shared.enter(url, options));
      } catch (error) {
        first.leave();
        throw error;
      }
      return {
        answered: (status, headers) => {
          for (const place of places) place.answered(status, headers);
        },
        holdBack: (wait) => {
          for (const place of places) place.holdBack(wait);
        },
        leave: () => {
          for (const place of places) place.leave();
        },
      };
    },
  };
  return confinedWith(both, [shared, own]);
}
