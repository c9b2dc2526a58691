import { useRef } from 'preact/hooks';
import type { Fields } from '../../workspace/types.ts';
import { useShownDialog } from '../shown-dialog.ts';
import { TextObject } from './text.tsx';

interface Props {
  confirm: Fields;
  onYes: () => void;
  onNo: () => void;
}

/** Asks for confirmation. */
export function Confirm({ confirm, onYes, onNo }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useShownDialog(dialog);
  return (
    <dialog
      ref={dialog}
      class="modal confirm"
      role="alertdialog"
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h3 id="confirm-title">
        <TextObject value={confirm.title} />
      </h3>
      <p>
        <TextObject value={confirm.text} />
      </p>
      <footer>
        <button type="button" class="button" onClick={onNo}>
          <TextObject value={confirm.deny} />
        </button>
        <button
          type="button"
          class={`button ${confirm.style === 'danger' ? 'is-danger' : 'is-primary'}`}
          onClick={onYes}
        >
          <TextObject value={confirm.confirm} />
        </button>
      </footer>
    </dialog>
  );
}
