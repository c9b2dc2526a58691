/** The parts of Jest's JSON report that are used here. */
export interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    /** Why the file couldn't be run; empty if it could. */
    readonly message: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** What the tests found: a line for each file, what failed, and the result. */
export function reportOf({ testResults }: JestReport, root: string): { lines: string[]; isSound: boolean } {
  const lines: string[] = [];
  let [passed, failed] = [0, 0];
  for (const { name, message, startTime, endTime, assertionResults } of testResults.toSorted(byName)) {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const good = assertionResults.filter(({ status }) => status === 'passed');
    const bad = assertionResults.filter(({ status }) => status === 'failed');
    const isRun = assertionResults.length > 0;
    passed += good.length;
    failed += isRun ? bad.length : 1;
    const seconds = ((endTime - startTime) / 1000).toFixed(0);
    lines.push(
      `${isRun && bad.length === 0 ? 'ok    ' : 'FAILED'} | ${file}: ${good.length} passed, ${bad.length} failed, ${seconds} s`,
    );
    if (!isRun) lines.push(`         ${firstLine(message)}`);
    for (const { fullName, failureMessages } of bad) {
      lines.push(`         ${fullName}`, ...failureMessages.map((one) => `           ${firstLine(one)}`));
    }
  }
  return { lines: [...lines, `${passed} passed, ${failed} failed`], isSound: failed === 0 && passed > 0 };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** The first line of an error that isn't a heading, without the colors of a terminal. */
function firstLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin the colors
  const plain = text.replace(/\u001B\[\d+m/g, '');
  return (
    plain
      .split('\n')
      .find((line) => line.trim() !== '' && !line.includes('●'))
      ?.trim() ?? ''
  );
}
