import { useState } from 'preact/hooks';
import type { WaitingFault } from '../../workspace/faults/faults.ts';
import type { Fields } from '../../workspace/types.ts';
import { useDesk } from '../desk.ts';

const CALLS = [
  ['*', 'Any call'],
  ['chat.postMessage', 'chat.postMessage'],
  ['chat.postEphemeral', 'chat.postEphemeral'],
  ['chat.update', 'chat.update'],
  ['conversations.history', 'conversations.history'],
  ['files.getUploadURLExternal', 'files.getUploadURLExternal'],
  ['files.completeUploadExternal', 'files.completeUploadExternal'],
  ['users.info', 'users.info'],
  ['views.open', 'views.open'],
  ['views.push', 'views.push'],
  ['views.update', 'views.update'],
  ['views.publish', 'views.publish'],
  ['response_url', 'an answer to response_url'],
  ['upload', 'the bytes of an upload'],
  ['download', 'a download'],
] as const;

/** The faults in the panel, and how each is sent to the workspace. */
const KINDS: { [name: string]: { label: string; fault: Fields } } = {
  slow: { label: 'is slow (5 s)', fault: { kind: 'slow', ms: 5_000 } },
  429: { label: 'is refused: 429, wait 5 s', fault: { kind: '429', retryAfter: 5 } },
  500: { label: 'fails: 500', fault: { kind: '500' } },
  503: { label: 'fails: 503', fault: { kind: '500', status: 503 } },
  'drop-before': { label: 'is cut off before it is done', fault: { kind: 'drop-before' } },
  'drop-after': { label: 'is done, its answer cut off', fault: { kind: 'drop-after' } },
  error: { label: 'answers fatal_error', fault: { kind: 'error', error: 'fatal_error' } },
};

const TIMES = [
  ['1', 'once'],
  ['3', '3 times'],
  ['always', 'until cleared'],
] as const;

/** Faults for the app's next calls, and a form to add more. */
export function BenchFaults() {
  const { world, turn } = useDesk();
  const { faults } = world.bench;
  const [method, setMethod] = useState<string>('*');
  const [kind, setKind] = useState('slow');
  const [times, setTimes] = useState<string>('1');
  const add = () => {
    const often = times === 'always' ? times : Number(times);
    void turn('fault', { ...KINDS[kind]?.fault, method, times: often });
  };
  return (
    <section>
      <h3>Faults</h3>
      <p class="hint">They apply to the app’s next calls to Slack.</p>
      <form
        class="bench-form"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <Select label="Which call" value={method} options={CALLS} onPick={setMethod} />
        <Select
          label="What happens"
          value={kind}
          options={Object.entries(KINDS).map(([name, { label }]) => [name, label] as const)}
          onPick={setKind}
        />
        <div class="bench-row">
          <Select label="Frequency" value={times} options={TIMES} onPick={setTimes} />
          <button type="submit" class="button">
            Add fault
          </button>
        </div>
      </form>
      {faults.length > 0 && (
        <>
          <ul class="bench-list" aria-label="Pending faults">
            {faults.map((fault, index) => (
              <li key={index}>{wordsOf(fault)}</li>
            ))}
          </ul>
          <button type="button" class="button" onClick={() => void turn('clear-faults', {})}>
            Clear all faults
          </button>
        </>
      )}
    </section>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onPick: (value: string) => void;
}

function Select({ label, value, options, onPick }: SelectProps) {
  return (
    <select class="field" aria-label={label} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
      {options.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </select>
  );
}

function wordsOf({ method, kind, status, left }: WaitingFault): string {
  const what = KINDS[String(status ?? kind)]?.label ?? kind;
  const name = CALLS.find(([call]) => call === method)?.[1] ?? method;
  return `${name} ${what}, ${left === 'always' ? 'until cleared' : `${left}×`}`;
}
