// A reporter for `node --test-reporter`: one line of JSON for each test and each subtest that ended. Suites are left
// out, since their tests are in it already.

const ENDS = new Set(['test:pass', 'test:fail']);

// A reporter must be the default export of its module: node's test runner loads it by path.
export default async function* testEvents(source) {
  for await (const { type, data } of source) {
    if (!ENDS.has(type) || data.details.type === 'suite') continue;
    const error = type === 'test:fail' ? data.details.error : undefined;
    const cause = error?.cause ?? error;
    yield `${JSON.stringify({
      name: data.name,
      outcome:
        type === 'test:fail'
          ? 'failed'
          : data.skip !== undefined || data.todo !== undefined
            ? 'skipped'
            : 'passed',
      // A skip without words comes as true.
      reason: [data.skip, data.todo].find((value) => typeof value === 'string' && value !== ''),
      subtestsFailed: error?.failureType === 'subtestsFailed' || undefined,
      error: error && String(cause?.stack ?? cause?.message ?? cause),
      ms: data.details.duration_ms,
    })}\n`;
  }
}
