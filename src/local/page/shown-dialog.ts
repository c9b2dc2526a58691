import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Shows a dialog as long as its component is there, and gives the focus back to what had it before. */
export function useShownDialog(dialog: RefObject<HTMLDialogElement | null>): void {
  // a passive effect's clean-up would run after the dialog is gone, when keys are already lost
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    // nothing outside an open dialog takes the focus, so it is closed before it is removed
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
}
