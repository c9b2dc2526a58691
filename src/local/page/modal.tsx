import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isFields } from '../workspace/json.ts';
import type { View } from '../workspace/types.ts';
import { Blocks } from './blocks/blocks.tsx';
import { TextObject } from './blocks/text.tsx';
import { PlaceContext, useDesk } from './desk.ts';
import { useEntries } from './entries.ts';
import { useShownDialog } from './shown-dialog.ts';
import { topView } from './world.ts';

const NO_ERRORS: { [blockId: string]: string } = {};

/** The stack of modals. The top one is shown. */
export function ModalLayer() {
  const { world, act } = useDesk();
  const view = topView(world);
  const [errors, setErrors] = useState(NO_ERRORS);
  const [busy, setBusy] = useState(false);
  const place = useEntries({ kind: 'view', id: view?.id ?? '' }, view?.id ?? '', errors, busy);
  useEffect(() => setErrors(NO_ERRORS), [view?.id, view?.hash]);
  if (!view) return null;

  const submit = async () => {
    setBusy(true);
    const answer = await act('submit', { view: view.id, entries: place.entries });
    setBusy(false);
    setErrors(isFields(answer?.errors) ? wordsOf(answer.errors) : NO_ERRORS);
  };
  return (
    <PlaceContext.Provider value={place}>
      <Modal
        key={view.id}
        view={view}
        depth={world.views.length}
        busy={busy}
        errors={errors}
        onSubmit={() => void submit()}
        onClose={(all) => void act('close', { all })}
      />
    </PlaceContext.Provider>
  );
}

interface Props {
  view: View;
  depth: number;
  busy: boolean;
  errors: { [blockId: string]: string };
  onSubmit: () => void;
  onClose: (all: boolean) => void;
}

function Modal({ view, depth, busy, errors, onSubmit, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useShownDialog(dialog);
  // otherwise the browser focuses the close button
  useLayoutEffect(() => dialog.current?.focus(), []);
  useEffect(() => {
    // focuses the first field once it is there, unless the person is already using another
    if (document.activeElement !== dialog.current) return;
    dialog.current?.querySelector<HTMLElement>('.modal-body :is(input, textarea)')?.focus();
  }, [view.hash]);
  useEffect(() => {
    dialog.current?.querySelector<HTMLElement>('[aria-invalid], .has-error input')?.focus();
  }, [errors]);
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      class={`modal${depth > 1 ? ' is-stacked' : ''}`}
      aria-labelledby="modal-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose(false);
      }}
    >
      <form
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (view.submit && !busy) onSubmit();
        }}
      >
        <header>
          <h2 id="modal-title">
            <TextObject value={view.title} />
          </h2>
          <button type="button" class="bare modal-x" aria-label="Close" onClick={() => onClose(true)}>
            ×
          </button>
        </header>
        <div class="modal-body">
          <Blocks blocks={view.blocks} />
        </div>
        <footer>
          <button type="button" class="button" onClick={() => onClose(false)}>
            {view.close ? <TextObject value={view.close} /> : depth > 1 ? 'Back' : view.submit ? 'Cancel' : 'Close'}
          </button>
          {view.submit && (
            <button
              type="submit"
              class={`button is-primary${busy ? ' is-waiting' : ''}`}
              disabled={busy || view.submit_disabled === true}
            >
              <TextObject value={view.submit} />
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

function wordsOf(errors: { [blockId: string]: unknown }): { [blockId: string]: string } {
  return Object.fromEntries(Object.entries(errors).map(([id, words]) => [id, String(words)]));
}
