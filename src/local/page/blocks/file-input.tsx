import { useState } from 'preact/hooks';
import { arrayOf, objectOf, textOf } from '../../workspace/json.ts';
import type { Fields } from '../../workspace/types.ts';
import { useDesk } from '../desk.ts';
import { uploadFile } from '../server.ts';
import { whoIn } from '../world.ts';
import type { Control } from './control.ts';

/** Files that are uploaded as soon as they are chosen. The form is submitted with their IDs. */
export function FileInput({ element, control }: { element: Fields; control: Control }) {
  const { world, notice } = useDesk();
  const [isBusy, setBusy] = useState(false);
  const types = (arrayOf(element, 'filetypes') ?? []).map((type) => `.${type}`).join(',');
  const most = Number(element.max_files ?? 10);

  const upload = async (files: FileList) => {
    setBusy(true);
    try {
      const ids: string[] = [];
      for (const file of [...files].slice(0, most)) {
        const { file: kept } = await uploadFile(whoIn(world), '', file);
        ids.push(textOf(objectOf({ kept }, 'kept'), 'id') ?? '');
      }
      control.change(ids);
    } catch (error) {
      notice(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <input
      type="file"
      class="field"
      {...control.attributes}
      disabled={control.attributes.disabled || isBusy}
      accept={types}
      multiple={most > 1}
      onChange={({ currentTarget: input }) => {
        if (input.files?.length) void upload(input.files);
        else control.change([]);
      }}
    />
  );
}
